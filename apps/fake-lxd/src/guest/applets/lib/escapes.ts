/** Backslash escapes of echo -e, printf and tr. */

const simple: Record<string, string> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** `zeroOctal`: octal numbers as `\0nnn` too, as echo has them. `stopped`: a `\c` ended the output. */
export function unescape(text: string, zeroOctal: boolean): { text: string; stopped: boolean } {
  let shown = "";
  for (let at = 0; at < text.length; ) {
    if (text[at] !== "\\" || at + 1 >= text.length) {
      shown += text[at++];
      continue;
    }
    if (text[at + 1] === "c") return { text: shown, stopped: true };
    const { char, length } = oneEscape(text.slice(at, at + 5), zeroOctal);
    shown += char;
    at += length;
  }
  return { text: shown, stopped: false };
}

/** The escape at the start of the text. */
export function oneEscape(text: string, zeroOctal: boolean): { char: string; length: number } {
  const octal = (zeroOctal ? /^\\(0[0-7]{0,3}|[1-7][0-7]{0,2})/ : /^\\([0-7]{1,3})/).exec(text);
  if (octal) return { char: String.fromCharCode(Number.parseInt(octal[1] ?? "0", 8) & 255), length: octal[0].length };
  const hex = /^\\x([0-9a-fA-F]{1,2})/.exec(text);
  if (hex) return { char: String.fromCharCode(Number.parseInt(hex[1] ?? "0", 16)), length: hex[0].length };
  const known = simple[text[1] ?? ""];
  return known === undefined ? { char: text.slice(0, 2), length: 2 } : { char: known, length: 2 };
}
