/** set */
import { writeFd } from "../../sys/io.ts";
import { BuiltinError } from "../control.ts";
import { isOptionLetter, setOption, setOptionNamed } from "../options.ts";
import { optionNames, type Shell } from "../shell.ts";
import type { Builtin } from "../shell.ts";

/** A name that `-o` does not know does not end the shell. */
class UnknownOption extends BuiltinError {}

export const set: Builtin = async (shell, args) => {
  if (args.length === 0) {
    await listVariables(shell);
    return 0;
  }
  const rest = [...args];
  for (let arg = rest[0]; arg !== undefined && /^[-+]./.test(arg); arg = rest[0]) {
    rest.shift();
    if (arg === "--") {
      shell.parameters = rest;
      return 0;
    }
    try {
      await applyOptions(shell, arg, rest);
    } catch (error) {
      if (!(error instanceof UnknownOption)) throw error;
      await shell.error(`set: ${error.message}`);
      return 1;
    }
  }
  if (rest.length > 0) shell.parameters = rest[0] === "-" ? rest.slice(1) : rest;
  return 0;
};

async function listVariables(shell: Shell): Promise<void> {
  for (const name of shell.variables.names()) {
    const value = shell.variables.get(name);
    if (value !== undefined) await writeFd(shell.process, 1, `${name}='${value.replaceAll("'", "'\\''")}'\n`);
  }
}

/** `-eu`, `+x`, `-o name`; values of `-o` are taken from `rest`. */
export async function applyOptions(shell: Shell, text: string, rest: string[]): Promise<void> {
  const on = text.startsWith("-");
  for (const letter of text.slice(1)) {
    if (letter === "o") {
      const name = rest.shift();
      if (name === undefined) await listOptions(shell);
      else if (!setOptionNamed(shell, name, on)) throw new UnknownOption(`illegal option ${on ? "-" : "+"}o ${name}`);
    } else if (isOptionLetter(letter)) {
      setOption(shell, letter, on);
    } else {
      throw new BuiltinError(`illegal option ${on ? "-" : "+"}${letter}`);
    }
  }
}

async function listOptions(shell: Shell): Promise<void> {
  const rows = Object.entries(optionNames).map(
    ([letter, name]) => `${name.padEnd(16)}${shell.options.has(letter as keyof typeof optionNames) ? "on" : "off"}\n`,
  );
  await writeFd(
    shell.process,
    1,
    `Current option settings\n${rows.join("")}${"pipefail".padEnd(16)}${shell.options.has("pipefail") ? "on" : "off"}\n`,
  );
}
