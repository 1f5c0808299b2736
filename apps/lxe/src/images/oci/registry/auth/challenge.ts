/** What a server says in WWW-Authenticate. Pure. */

export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Keys in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const SCHEME = /\s*,?\s*([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*)(?=\s*(?:,|$)|\s+[^\s=])/uy;
const PARAMETER = /\s*,?\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/uy;

/** All challenges of the header's values, in order; what is no challenge ends its value. */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap((value) => [...challengesIn(value)]);
}

function* challengesIn(text: string): Generator<Challenge> {
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const found = pattern.exec(text) ?? undefined;
    if (found !== undefined) position += found[0].length;
    return found;
  };
  for (let scheme = match(SCHEME); scheme !== undefined; scheme = match(SCHEME)) {
    const parameters: Record<string, string> = {};
    for (let found = match(PARAMETER); found !== undefined; found = match(PARAMETER)) {
      const [, name = "", quoted, bare] = found;
      parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/gu, "$1") ?? bare ?? "";
    }
    yield { scheme: (scheme[1] ?? "").toLowerCase(), parameters };
  }
}
