/** Finds what somebody may have meant. */

/** Levenshtein distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [fromIndex, fromLetter] of Array.from(from).entries()) {
    const next = [fromIndex + 1];
    for (const [toIndex, toLetter] of Array.from(to).entries()) {
      const replaced = (row[toIndex] ?? 0) + (fromLetter === toLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[toIndex + 1] ?? 0) + 1, (next[toIndex] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The candidate nearest to `text`; the first of them when several are. */
export function nearest<Candidate extends string>(
  text: string,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const scored = candidates.map((candidate) => ({ candidate, score: distance(text, candidate) }));
  return scored.toSorted((a, b) => a.score - b.score)[0]?.candidate;
}
