/** umask ulimit times */
import { writeFd } from "../../sys/io.ts";
import { BuiltinError } from "../control.ts";
import type { Builtin } from "../shell.ts";

export const umask: Builtin = async ({ process }, args) => {
  const [text] = args.filter((arg) => arg !== "-S");
  if (text === undefined) {
    await writeFd(
      process,
      1,
      args.includes("-S") ? `${symbolic(process.umask)}\n` : `0${process.umask.toString(8).padStart(3, "0")}\n`,
    );
    return 0;
  }
  if (!/^[0-7]+$/.test(text)) throw new BuiltinError(`illegal mode: ${text}`);
  process.umask = Number.parseInt(text, 8) & 0o777;
  return 0;
};

function symbolic(mask: number): string {
  const rights = (shift: number) => ["r", "w", "x"].filter((_, index) => !((mask >> shift) & (4 >> index))).join("");
  return `u=${rights(6)},g=${rights(3)},o=${rights(0)}`;
}

const limits: Record<string, string> = {
  n: "1024",
  u: "unlimited",
  f: "unlimited",
  c: "0",
  s: "8192",
  v: "unlimited",
  t: "unlimited",
  d: "unlimited",
  m: "unlimited",
  l: "64",
};

/** Limits can be read; setting one to what it is succeeds, others are refused. */
export const ulimit: Builtin = async (shell, args) => {
  const letters = args
    .filter((arg) => arg.startsWith("-"))
    .join("")
    .replaceAll(/[-SH]/g, "");
  const wanted = args.find((arg) => !arg.startsWith("-"));
  if (letters === "a") {
    for (const [letter, value] of Object.entries(limits)) await writeFd(shell.process, 1, `-${letter}: ${value}\n`);
    return 0;
  }
  const value = limits[letters || "f"];
  if (value === undefined) throw new BuiltinError(`bad option: -${letters}`);
  if (wanted === undefined) {
    await writeFd(shell.process, 1, `${value}\n`);
    return 0;
  }
  if (wanted === value) return 0;
  await shell.error("ulimit: error setting limit: Operation not permitted");
  return 1;
};

export const times: Builtin = async (shell) => {
  await writeFd(shell.process, 1, "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
  return 0;
};
