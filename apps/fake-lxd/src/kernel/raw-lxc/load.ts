/** Loading raw.lxc on top of what LXD sets, as liblxc does when a configuration is written and at every start. */
import { readFileSync, statSync } from "node:fs";
import { randomInteger } from "../../platform/seeded.ts";
import type { Random } from "../../platform/types.ts";
import { failure, type LxdFailure } from "../errors.ts";
import { LXC_COMMON_CONFIG, loads } from "./keys.ts";
import { type LxcLine, parseLxcLines } from "./lines.ts";

/** LXD writes raw.lxc to a temporary file and names it when liblxc refuses. */
export function loadFailure(random: Random): LxdFailure {
  const file = `/tmp/lxd_config_${randomInteger(random, 2 ** 32)}`;
  return failure(`Failed to load config file "${file}": loading config file for the container failed`);
}

/** The lines in effect, files that are included with them; null when liblxc refuses one. */
export function loadLines(before: readonly LxcLine[], text: string): LxcLine[] | null {
  const lines = [...before];
  for (const line of parsed(text)) {
    if (!line.loads && !loads(line.key, line.value)) return null;
    if (capabilitiesClash(lines, line)) return null;
    lines.push(line);
    if (line.key === "lxc.include" && line.value !== "") lines.push(...included(line.value));
  }
  return lines;
}

interface ParsedLine extends LxcLine {
  /** For good: whether a file that is included is there can change. */
  readonly loads: boolean;
}

const PARSED_MAX = 256;
/** By the text: each change of a configuration loads the same again. */
const parsedTexts = new Map<string, readonly ParsedLine[]>();

function parsed(text: string): readonly ParsedLine[] {
  const known = parsedTexts.get(text);
  if (known !== undefined) return known;
  const lines = parseLxcLines(text).map(({ key, value }) => {
    return { key, value, loads: key !== "lxc.include" && loads(key, value) };
  });
  if (parsedTexts.size >= PARSED_MAX) parsedTexts.clear();
  parsedTexts.set(text, lines);
  return lines;
}

/** keep after drop (or the other way round) is an error until the other one was cleared. */
function capabilitiesClash(lines: readonly LxcLine[], line: LxcLine): boolean {
  if (line.value === "") return false;
  if (line.key === "lxc.cap.keep") return isSet(lines, "lxc.cap.drop");
  return line.key === "lxc.cap.drop" && isSet(lines, "lxc.cap.keep");
}

function isSet(lines: readonly LxcLine[], key: string): boolean {
  const last = lines.findLast((line) => line.key === key);
  return last !== undefined && last.value !== "";
}

function included(path: string): LxcLine[] {
  if (path === LXC_COMMON_CONFIG) return [];
  return statSync(path).isFile() ? parseLxcLines(readFileSync(path, "utf8")) : [];
}
