/** `set -o` and its letters. */
import { type OptionLetter, optionNames, type Shell } from "./shell.ts";

export function optionLetters(shell: Shell): string {
  return [...shell.options].filter((one) => one.length === 1).join("");
}

export function isOptionLetter(letter: string): letter is OptionLetter {
  return letter in optionNames;
}

export function setOption(shell: Shell, option: OptionLetter | "pipefail", on: boolean): void {
  if (on) shell.options.add(option);
  else shell.options.delete(option);
  if (option === "a") shell.variables.exportAll = on;
}

/** By its long name; false when there is none. */
export function setOptionNamed(shell: Shell, name: string, on: boolean): boolean {
  if (name === "pipefail") {
    setOption(shell, name, on);
    return true;
  }
  const entry = Object.entries(optionNames).find(([, long]) => long === name);
  if (!entry) return false;
  setOption(shell, entry[0] as OptionLetter, on);
  return true;
}
