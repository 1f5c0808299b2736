/** The syntax tree of awk programs. */

export type Expression =
  | { kind: "number"; value: number }
  | { kind: "string"; value: string }
  | { kind: "regex"; source: string }
  | { kind: "variable"; name: string }
  | { kind: "element"; name: string; index: Expression[] }
  | { kind: "field"; index: Expression }
  | { kind: "assign"; operator: string; target: Expression; value: Expression }
  | { kind: "step"; operator: "++" | "--"; before: boolean; target: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "unary"; operator: string; operand: Expression }
  | { kind: "conditional"; condition: Expression; yes: Expression; no: Expression }
  | { kind: "in"; name: string; index: Expression[] }
  | { kind: "call"; name: string; args: Expression[] }
  | { kind: "getline"; target: Expression | null; file: Expression | null };

export type Statement =
  | { kind: "block"; body: Statement[] }
  | { kind: "expression"; expression: Expression }
  | {
      kind: "print" | "printf";
      args: Expression[];
      redirect: { operator: ">" | ">>" | "|"; target: Expression } | null;
    }
  | { kind: "if"; condition: Expression; yes: Statement; no: Statement | null }
  | { kind: "while" | "do"; condition: Expression; body: Statement }
  | { kind: "for"; start: Statement | null; condition: Expression | null; step: Statement | null; body: Statement }
  | { kind: "forIn"; name: string; array: string; body: Statement }
  | { kind: "next" | "break" | "continue" }
  | { kind: "exit" | "return"; value: Expression | null }
  | { kind: "delete"; name: string; index: Expression[] | null };

export interface Rule {
  pattern: "BEGIN" | "END" | Expression | null;
  /** Of a range `first, last`. */
  last: Expression | null;
  body: Statement | null;
}

export interface AwkFunction {
  parameters: string[];
  body: Statement;
}

export interface AwkProgram {
  rules: Rule[];
  functions: Map<string, AwkFunction>;
}
