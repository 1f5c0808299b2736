/** `set -o` and its letters. */
import { type OptionLetter, type Shell } from "./shell.ts";
export declare function optionLetters(shell: Shell): string;
export declare function isOptionLetter(letter: string): letter is OptionLetter;
export declare function setOption(shell: Shell, option: OptionLetter | "pipefail", on: boolean): void;
/** By its long name; false when there is none. */
export declare function setOptionNamed(shell: Shell, name: string, on: boolean): boolean;
