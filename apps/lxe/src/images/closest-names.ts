/** Names that somebody may have meant. Pure. */

const NAMES_MAX = 3;
/** One typing error for so many characters. */
const CHARS_PER_ERROR = 3;

/** The names most like `wanted`, best first; none that is very different. */
export function closestNames(wanted: string, names: readonly string[]): string[] {
  const errorsMax = Math.ceil(wanted.length / CHARS_PER_ERROR);
  return names
    .map((name) => ({ name, errors: typingErrors(wanted, name) }))
    .filter(({ errors }) => errors <= errorsMax)
    .toSorted((one, other) => one.errors - other.errors)
    .slice(0, NAMES_MAX)
    .map(({ name }) => name);
}

/** Levenshtein distance: characters added, left out or exchanged. */
function typingErrors(wanted: string, name: string): number {
  let row = Array.from({ length: Array.from(name).length + 1 }, (_, column) => column);
  for (const [index, char] of Array.from(wanted).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(name).entries()) {
      const exchanged = (row[column] ?? 0) + (char === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
