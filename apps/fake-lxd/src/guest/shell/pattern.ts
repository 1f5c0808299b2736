/** Shell patterns (`*`, `?`, `[...]`, backslash) as regular expressions over byte strings. */

const cache = new Map<string, RegExp>();
const cacheMax = 500;

function escapeRegExp(char: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}

/** Source of a regular expression; `greedy` false makes `*` match as little as it can. */
export function patternSource(pattern: string, greedy = true): string {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    if (char === "*") source += greedy ? "[^]*" : "[^]*?";
    else if (char === "?") source += "[^]";
    else if (char === "\\" && at + 1 < pattern.length) source += escapeRegExp(pattern[++at] ?? "");
    else if (char === "[") {
      const set = bracket(pattern, at);
      source += set?.source ?? "\\[";
      at = set?.end ?? at;
    } else source += escapeRegExp(char);
  }
  return source;
}

const classes: Record<string, string> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: " \\t\\n\\r\\f\\v",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9A-Fa-f",
  cntrl: "\\x00-\\x1f\\x7f",
  print: " -~",
  graph: "!-~",
};

/** Inside of `[:name:]` as a regular expression's set. */
export function characterClass(name: string): string | undefined {
  return classes[name];
}

function bracket(pattern: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const negated = pattern[at] === "!" || pattern[at] === "^";
  if (negated) at++;
  let body = "";
  for (let first = true; first || pattern[at] !== "]"; first = false) {
    const char = pattern[at];
    if (char === undefined) return undefined;
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at, at + 12));
    const set = named && classes[named[1] ?? ""];
    if (named && set !== undefined) {
      body += set;
      at += named[0].length;
    } else if (char === "-" && !first && pattern[at + 1] !== "]") {
      body += "-";
      at++;
    } else {
      const literal = char === "\\" ? (pattern[++at] ?? "\\") : char;
      body += escapeRegExp(literal);
      at++;
    }
  }
  return { source: `[${negated ? "^" : ""}${body}]`, end: at };
}

export function compilePattern(pattern: string): RegExp {
  const known = cache.get(pattern);
  if (known) return known;
  if (cache.size >= cacheMax) cache.clear();
  const made = safeRegExp(`^(?:${patternSource(pattern)})$`);
  cache.set(pattern, made);
  return made;
}

/** A range that runs backwards matches nothing. */
function safeRegExp(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    return /^[^]$^/;
  }
}

export function matches(pattern: string, text: string): boolean {
  return compilePattern(pattern).test(text);
}

export function hasMagic(pattern: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*[*?[]/.test(pattern);
}

/** So that every character stands for itself. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\*?[\]!^-]/g, "\\$&");
}

export function unescapePattern(pattern: string): string {
  return pattern.replaceAll(/\\([^])/g, "$1");
}

/** Without the shortest or longest matching start. */
export function removePrefix(text: string, pattern: string, longest: boolean): string {
  for (let index = 0; index <= text.length; index++) {
    const length = longest ? text.length - index : index;
    if (matches(pattern, text.slice(0, length))) return text.slice(length);
  }
  return text;
}

export function removeSuffix(text: string, pattern: string, longest: boolean): string {
  for (let index = 0; index <= text.length; index++) {
    const from = longest ? index : text.length - index;
    if (matches(pattern, text.slice(from))) return text.slice(0, from);
  }
  return text;
}

export function replacePattern(text: string, pattern: string, by: string, all: boolean): string {
  if (pattern === "") return text;
  return text.replaceAll(new RegExp(patternSource(pattern), "g"), replacer(by, all));
}

function replacer(by: string, all: boolean): (found: string) => string {
  let count = 0;
  return (found) => (found === "" || (!all && count++ > 0) ? found : by);
}
