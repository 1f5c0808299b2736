/** diff: unified output, or only whether files differ (-q). */
import { readAll, readFile } from "../sys/io.ts";
import { type Applet, UsageError } from "./lib/applet.ts";
import { parseOptions } from "./lib/options.ts";

const contextLines = 3;

interface Edit {
  kind: " " | "-" | "+";
  text: string;
}

export const diff: Applet = async (io, args) => {
  const options = parseOptions(args, "uqsBbiwaNU:", { brief: "q" });
  const [first, second] = options.operands;
  if (first === undefined || second === undefined) throw new UsageError("usage: diff [-qu] FILE1 FILE2", 2);
  const read = (path: string) => (path === "-" ? readAll(io.process, 0) : readFile(io.process, path));
  let texts: [string, string] = ["", ""];
  const opened = await io.try(first, async () => {
    texts = [await read(first), await read(second)];
  });
  if (!opened) return 2;
  const fold = (line: string) => {
    const spaced = options.has("w")
      ? line.replaceAll(/\s+/g, "")
      : options.has("b")
        ? line.replaceAll(/\s+/g, " ").trimEnd()
        : line;
    return options.has("i") ? spaced.toLowerCase() : spaced;
  };
  const edits = compare(lines(texts[0]), lines(texts[1]), fold);
  if (edits.every(({ kind }) => kind === " ")) return 0;
  if (options.has("q")) await io.out(`Files ${first} and ${second} differ\n`);
  else await io.out(`--- ${first}\n+++ ${second}\n${hunks(edits, Number(options.value("U") ?? contextLines))}`);
  return 1;
};

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Longest common subsequence; fine for the small files of guests. */
function compare(a: string[], b: string[], fold: (line: string) => string): Edit[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const same = (i: number, j: number) => fold(a[i] ?? "") === fold(b[j] ?? "");
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? new Uint32Array(0);
    for (let j = b.length - 1; j >= 0; j--)
      row[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(i, j)) {
      edits.push({ kind: " ", text: a[i++] ?? "" });
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1)))
      edits.push({ kind: "-", text: a[i++] ?? "" });
    else edits.push({ kind: "+", text: b[j++] ?? "" });
  }
  return edits;
}

function hunks(edits: Edit[], context: number): string {
  let out = "";
  for (let at = 0; at < edits.length; ) {
    if (edits[at]?.kind === " ") {
      at++;
      continue;
    }
    const start = Math.max(0, at - context);
    let end = at;
    for (let index = at, quiet = 0; index < edits.length && quiet <= context * 2; index++) {
      quiet = edits[index]?.kind === " " ? quiet + 1 : 0;
      if (quiet === 0) end = index;
    }
    const stop = Math.min(edits.length, end + 1 + context);
    out += hunk(edits, start, stop);
    at = stop;
  }
  return out;
}

function hunk(edits: Edit[], start: number, stop: number): string {
  const count = (from: number, to: number, kind: "-" | "+") =>
    edits.slice(from, to).filter((edit) => edit.kind === " " || edit.kind === kind).length;
  const span = (kind: "-" | "+") => {
    const size = count(start, stop, kind);
    const first = count(0, start, kind) + (size === 0 ? 0 : 1);
    return size === 1 ? String(first) : `${first},${size}`;
  };
  const body = edits
    .slice(start, stop)
    .map(({ kind, text }) => `${kind}${text}${text.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
  return `@@ -${span("-")} +${span("+")} @@\n${body.join("")}`;
}
