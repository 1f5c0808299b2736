/** `~` and `~user` at the start of a word. */
import { homeOf } from "../applets/lib/accounts.ts";
import type { Word } from "./ast.ts";
import type { Shell } from "./shell.ts";

export function expandTilde(shell: Shell, word: Word): Word {
  const [first, ...rest] = word;
  if (first?.kind !== "text" || first.quoted || !first.text.startsWith("~")) return word;
  const match = /^~([A-Za-z0-9_.-]*)(?=\/|$)/.exec(first.text);
  // `~"x"` or `~$x` is no user's name.
  if (!match || (match[0].length === first.text.length && rest.length > 0)) return word;
  const home = match[1] ? homeOf(shell.process, match[1]) : shell.variables.get("HOME");
  if (home === undefined) return word;
  const remainder = first.text.slice(match[0].length);
  return [{ kind: "text", text: home, quoted: true }, { kind: "text", text: remainder, quoted: false }, ...rest];
}
