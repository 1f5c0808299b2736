/** Permission bits as text and from text. */
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFSOCK } from "../../vfs/types.ts";

const typeLetters: Record<number, string> = {
  [S_IFDIR]: "d",
  [S_IFLNK]: "l",
  [S_IFCHR]: "c",
  [S_IFBLK]: "b",
  [S_IFIFO]: "p",
  [S_IFSOCK]: "s",
};

/** `drwxr-xr-x` */
export function modeText(mode: number): string {
  const triple = (shift: number, special: number, letter: string) => {
    const bits = (mode >> shift) & 7;
    const execute = bits & 1;
    const last = mode & special ? (execute ? letter : letter.toUpperCase()) : execute ? "x" : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  return `${typeLetters[mode & S_IFMT] ?? "-"}${triple(6, 0o4000, "s")}${triple(3, 0o2000, "s")}${triple(0, 0o1000, "t")}`;
}

/** `755`, `u+x,go-w`, `a=rX`; undefined when it is no mode. */
export function parseMode(text: string, before: number, umask: number): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8) & 0o7777;
  let mode = before & 0o7777;
  for (const clause of text.split(",")) {
    const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
    if (!match) return undefined;
    for (const [, operator = "", rights = ""] of (match[2] ?? "").matchAll(/([-+=])([rwxXstugo]*)/g)) {
      mode = applyClause(mode, before, match[1] ?? "", operator, rights, umask);
    }
  }
  return mode;
}

function applyClause(
  mode: number,
  before: number,
  who: string,
  operator: string,
  rights: string,
  umask: number,
): number {
  const isDirectory = (before & S_IFMT) === S_IFDIR;
  const classes = who === "" || who.includes("a") ? "ugo" : who;
  const shifts: Record<string, number> = { u: 6, g: 3, o: 0 };
  let bits = 0;
  let mask = 0;
  for (const letter of classes) {
    const shift = shifts[letter] ?? 0;
    mask |= 7 << shift;
    bits |= rightBits(rights, mode, isDirectory) << shift;
  }
  if (rights.includes("s")) bits |= (classes.includes("u") ? 0o4000 : 0) | (classes.includes("g") ? 0o2000 : 0);
  if (rights.includes("t")) bits |= 0o1000;
  if (who === "") bits &= ~umask;
  if (operator === "+") return mode | bits;
  if (operator === "-") return mode & ~bits;
  return (mode & ~mask) | bits;
}

function rightBits(rights: string, mode: number, isDirectory: boolean): number {
  let bits = 0;
  for (const letter of rights) {
    if (letter === "r") bits |= 4;
    else if (letter === "w") bits |= 2;
    else if (letter === "x") bits |= 1;
    else if (letter === "X") bits |= isDirectory || mode & 0o111 ? 1 : 0;
    else if (letter === "u") bits |= (mode >> 6) & 7;
    else if (letter === "g") bits |= (mode >> 3) & 7;
    else if (letter === "o") bits |= mode & 7;
  }
  return bits;
}
