/** How commands of a shell leave what encloses them. */
import { StacklessError } from "../../platform/stackless-error.ts";

export class LoopExit extends StacklessError {
  readonly kind: "break" | "continue";
  levels: number;

  constructor(kind: "break" | "continue", levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}

export class FunctionReturn extends StacklessError {
  readonly status: number;

  constructor(status: number) {
    super("return");
    this.status = status;
  }
}

/** The shell ends, after its EXIT trap. */
export class ShellExit extends StacklessError {
  readonly status: number;

  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

/** Wrong use of a builtin. Ends the shell when the builtin is a special one, or when it says so (`fatal`). */
export class BuiltinError extends StacklessError {
  readonly fatal: boolean;

  constructor(message: string, fatal = false) {
    super(message);
    this.fatal = fatal;
  }
}

/** An error that ends a shell that is not interactive: expansion errors, errors of special builtins. */
export class ShellError extends StacklessError {
  readonly status: number;

  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}
