/** `$x`, `${x...}` and the special parameters. */
import type { Word, WordPart } from "./ast.ts";
import type { Expanded } from "./fields.ts";
import type { Shell } from "./shell.ts";
/** What operands of `${ }` need. */
export interface Expander {
  parts(shell: Shell, word: Word, splitting: boolean): Promise<Expanded>;
  text(shell: Shell, word: Word): Promise<string>;
  pattern(shell: Shell, word: Word): Promise<string>;
  arithmetic(shell: Shell, word: Word): Promise<bigint>;
}
type ParameterPart = Extract<
  WordPart,
  {
    kind: "parameter";
  }
>;
export declare function expandParameter(
  expand: Expander,
  shell: Shell,
  part: ParameterPart,
  splitting: boolean,
): Promise<Expanded>;
/** Undefined when it is not set. */
export declare function parameterValue(shell: Shell, name: string): string | undefined;
export {};
