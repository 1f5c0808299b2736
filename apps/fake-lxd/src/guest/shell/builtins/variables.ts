/** export readonly local unset let alias unalias */
import { writeFd } from "../../sys/io.ts";
import { BuiltinError } from "../control.ts";
import { evaluateText } from "../expand.ts";
import { shellQuote } from "../quote.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "../shell.ts";

function splitAssignment(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new BuiltinError(`${text}: bad variable name`);
  return [name, at < 0 ? undefined : text.slice(at + 1)];
}

async function listMarked(shell: Shell, how: "exported" | "readonly"): Promise<void> {
  const keyword = how === "exported" ? "export" : "readonly";
  for (const name of shell.variables.names()) {
    if (!shell.variables.is(name, how)) continue;
    const value = shell.variables.get(name);
    await writeFd(
      shell.process,
      1,
      `${keyword} ${name}${value === undefined ? "" : `='${value.replaceAll("'", "'\\''")}'`}\n`,
    );
  }
}

function marker(how: "exported" | "readonly"): Builtin {
  return async (shell, args) => {
    const names = args.filter((arg) => arg !== "-p" && arg !== "-n" && arg !== "--");
    if (names.length === 0) await listMarked(shell, how);
    for (const text of names) {
      const [name, value] = splitAssignment(text);
      if (value !== undefined) shell.variables.set(name, value);
      shell.variables.mark(name, how, !args.includes("-n"));
    }
    return 0;
  };
}

export const exportVariables = marker("exported");
export const readonlyVariables = marker("readonly");

export const local: Builtin = async (shell, args) => {
  for (const text of args) {
    const [name, value] = splitAssignment(text);
    if (shell.functionDepth === 0 || !shell.variables.makeLocal(name))
      throw new BuiltinError("not in a function", true);
    if (value !== undefined) shell.variables.set(name, value);
  }
  return 0;
};

export const unset: Builtin = async (shell, args) => {
  const wrong = args.find((arg) => arg.startsWith("-") && arg !== "-f" && arg !== "-v");
  if (wrong !== undefined) throw new BuiltinError(`illegal option ${wrong}`);
  const functions = args.includes("-f");
  for (const name of args.filter((arg) => arg !== "-f" && arg !== "-v")) {
    if (functions) shell.functions.delete(name);
    else shell.variables.unset(name);
  }
  return 0;
};

export const letBuiltin: Builtin = async (shell, args) => {
  let value = 0n;
  for (const expression of args) value = evaluateText(shell, expression);
  return value === 0n ? 1 : 0;
};

export const alias: Builtin = async (shell, args) => {
  let status = 0;
  const shown = args.length === 0 ? [...shell.aliases.keys()] : args;
  for (const text of shown) {
    const at = text.indexOf("=");
    if (at > 0) {
      shell.aliases.set(text.slice(0, at), text.slice(at + 1));
      continue;
    }
    const value = shell.aliases.get(text);
    if (value !== undefined) await writeFd(shell.process, 1, `${text}=${shellQuote(value)}\n`);
    else {
      await writeFd(shell.process, 2, `alias: ${text} not found\n`);
      status = 1;
    }
  }
  return status;
};

export const unalias: Builtin = async (shell, args) => {
  if (args[0] === "-a") shell.aliases.clear();
  let status = 0;
  for (const name of args) {
    if (name === "-a" || shell.aliases.delete(name)) continue;
    await writeFd(shell.process, 2, `unalias: ${name} not found\n`);
    status = 1;
  }
  return status;
};
