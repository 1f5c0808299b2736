/** The shell's text cannot be parsed. */
export class ShellSyntaxError extends Error {
  /** More text could make it right. */
  readonly incomplete: boolean;

  constructor(message: string, incomplete = false) {
    super(message);
    this.name = "ShellSyntaxError";
    this.incomplete = incomplete;
  }
}
