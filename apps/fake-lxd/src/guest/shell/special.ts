/** Builtins before which assignments stay, and whose errors end the shell. */
export const specialBuiltins: ReadonlySet<string> = new Set([
  ":",
  ".",
  "source",
  "break",
  "continue",
  "eval",
  "exec",
  "exit",
  "export",
  "readonly",
  "return",
  "set",
  "shift",
  "times",
  "trap",
  "unset",
]);
