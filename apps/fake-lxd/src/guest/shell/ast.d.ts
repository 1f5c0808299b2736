/** The syntax tree of shell programs. All text is byte strings. */
export type Word = readonly WordPart[];
export type WordPart =
  | {
      kind: "text";
      text: string;
      quoted: boolean;
    }
  | {
      kind: "parameter";
      name: string;
      operator: ParameterOperator | null;
      word: Word;
      second: Word | null;
      quoted: boolean;
    }
  | {
      kind: "command";
      script: Script;
      quoted: boolean;
    }
  | {
      kind: "arithmetic";
      expression: Word;
      quoted: boolean;
    };
/** `#length` is `${#x}`; `:slice` is `${x:1:2}`; `/` and `//` replace. */
export type ParameterOperator =
  | "-"
  | ":-"
  | "="
  | ":="
  | "?"
  | ":?"
  | "+"
  | ":+"
  | "#"
  | "##"
  | "%"
  | "%%"
  | "/"
  | "//"
  | "#length"
  | ":slice";
export type Script = readonly ListItem[];
export interface ListItem {
  readonly chain: Chain;
  readonly background: boolean;
}
/** `a && b || c` */
export interface Chain {
  readonly first: Pipeline;
  readonly rest: readonly {
    readonly operator: "&&" | "||";
    readonly pipeline: Pipeline;
  }[];
}
export interface Pipeline {
  readonly commands: readonly Command[];
  readonly negated: boolean;
}
export type Command = SimpleCommand | CompoundCommand | FunctionDefinition;
export interface SimpleCommand {
  readonly kind: "simple";
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
}
export interface Assignment {
  readonly name: string;
  readonly value: Word;
}
export interface FunctionDefinition {
  readonly kind: "function";
  readonly name: string;
  readonly body: Command;
}
export interface CompoundCommand {
  readonly kind: "compound";
  readonly body: Compound;
  readonly redirects: readonly Redirect[];
}
export type Compound =
  | {
      readonly kind: "subshell" | "group";
      readonly script: Script;
    }
  | {
      readonly kind: "if";
      readonly branches: readonly {
        condition: Script;
        script: Script;
      }[];
      readonly otherwise: Script | null;
    }
  | {
      readonly kind: "while" | "until";
      readonly condition: Script;
      readonly script: Script;
    }
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly Word[] | null;
      readonly script: Script;
    }
  | {
      readonly kind: "case";
      readonly subject: Word;
      readonly items: readonly {
        patterns: readonly Word[];
        script: Script;
      }[];
    };
export interface Redirect {
  readonly fd: number;
  readonly operator: "<" | ">" | ">|" | ">>" | "<>" | "<&" | ">&" | "<<" | "&>" | "&>>";
  /** Of a here-document: its text. */
  readonly target: Word;
}
