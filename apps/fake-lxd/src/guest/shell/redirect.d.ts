import type { Redirect } from "./ast.ts";
import type { Shell } from "./shell.ts";
/** Says what went wrong and returns false when a redirection fails. */
export declare function redirectPermanently(shell: Shell, redirects: readonly Redirect[]): Promise<boolean>;
/** Runs with the redirections, and takes them back. Status 1 when one fails. */
export declare function withRedirects(
  shell: Shell,
  redirects: readonly Redirect[],
  run: () => Promise<number>,
): Promise<number>;
