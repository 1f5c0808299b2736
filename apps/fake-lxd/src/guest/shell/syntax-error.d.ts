/** The shell's text cannot be parsed. */
export declare class ShellSyntaxError extends Error {
  /** More text could make it right. */
  readonly incomplete: boolean;
  constructor(message: string, incomplete?: boolean);
}
