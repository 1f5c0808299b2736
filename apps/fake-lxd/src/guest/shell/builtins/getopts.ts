/** getopts */
import type { Shell } from "../shell.ts";
import { writeFd } from "../../sys/io.ts";
import { BuiltinError } from "../control.ts";
import type { Builtin } from "../shell.ts";

/** Where in a bundle of letters each shell is. */
const offsets = new WeakMap<Shell, { index: number; offset: number }>();

export const getopts: Builtin = async (shell, [spec, name, ...rest]) => {
  if (spec === undefined || name === undefined) throw new BuiltinError("usage: getopts optstring var [arg]");
  const args = rest.length > 0 ? rest : shell.parameters;
  const index = Number(shell.variables.get("OPTIND") ?? "1") || 1;
  const state = offsets.get(shell);
  const offset = state?.index === index ? state.offset : 1;
  const word = args[index - 1];
  if (word === undefined || !word.startsWith("-") || word === "-" || word === "--") {
    if (word === "--") shell.variables.set("OPTIND", String(index + 1));
    shell.variables.set(name, "?");
    return 1;
  }
  await take(shell, spec, name, args, { index, offset, word });
  return 0;
};

interface Position {
  index: number;
  offset: number;
  word: string;
}

async function take(
  shell: Shell,
  spec: string,
  name: string,
  args: readonly string[],
  { index, offset, word }: Position,
): Promise<void> {
  const letter = word[offset] ?? "";
  const quiet = spec.startsWith(":");
  const known = letter === ":" ? -1 : spec.indexOf(letter);
  const lastInWord = offset + 1 >= word.length;
  advance(shell, lastInWord ? index + 1 : index, lastInWord ? 1 : offset + 1);
  if (known < 0) return complain(shell, name, quiet, letter, "?", `Illegal option -${letter}`);
  shell.variables.set("OPTARG", "");
  if (spec[known + 1] !== ":") return shell.variables.set(name, letter);
  const value = lastInWord ? args[index] : word.slice(offset + 1);
  advance(shell, lastInWord ? index + 2 : index + 1, 1);
  if (value === undefined) {
    advance(shell, index + 1, 1);
    return complain(shell, name, quiet, letter, quiet ? ":" : "?", `No arg for -${letter} option`);
  }
  shell.variables.set("OPTARG", value);
  shell.variables.set(name, letter);
}

async function complain(
  shell: Shell,
  name: string,
  quiet: boolean,
  letter: string,
  result: string,
  message: string,
): Promise<void> {
  shell.variables.set(name, result);
  if (quiet) return shell.variables.set("OPTARG", letter);
  shell.variables.unset("OPTARG");
  await writeFd(shell.process, 2, `${message}\n`);
}

function advance(shell: Shell, index: number, offset: number): void {
  shell.variables.set("OPTIND", String(index));
  offsets.set(shell, { index, offset });
}
