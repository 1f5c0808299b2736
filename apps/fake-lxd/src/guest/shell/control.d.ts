/** How commands of a shell leave what encloses them. */
export declare class LoopExit extends Error {
  readonly kind: "break" | "continue";
  levels: number;
  constructor(kind: "break" | "continue", levels: number);
}
export declare class FunctionReturn extends Error {
  readonly status: number;
  constructor(status: number);
}
/** The shell ends, after its EXIT trap. */
export declare class ShellExit extends Error {
  readonly status: number;
  constructor(status: number);
}
/** An error that ends a shell that is not interactive: expansion errors, errors of special builtins. */
export declare class ShellError extends Error {
  readonly status: number;
  constructor(message: string, status?: number);
}
