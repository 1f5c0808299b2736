/** A shell text and what comes of it: stdout, exit code (0), stderr (empty). Runs in an empty directory, with an empty stdin. */
export type ShellCase = readonly [text: string, stdout: string, code?: number, stderr?: string];
