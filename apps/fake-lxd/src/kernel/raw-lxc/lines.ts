/** The text format of LXC configuration: `key = value` lines. */

export interface LxcLine {
  key: string;
  value: string;
}

/** Lines without `=` are skipped, as liblxc does with files that it includes. */
export function parseLxcLines(text: string): LxcLine[] {
  const lines: LxcLine[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const equals = line.indexOf("=");
    if (line === "" || line.startsWith("#") || equals < 0) continue;
    lines.push({ key: line.slice(0, equals).trim(), value: unquote(line.slice(equals + 1).trim()) });
  }
  return lines;
}

/** Quotes around the whole value belong to the format; all others are literal. */
function unquote(value: string): string {
  const [first] = value;
  const quoted = value.length > 1 && (first === '"' || first === "'") && value.endsWith(first);
  return quoted ? value.slice(1, -1) : value;
}
