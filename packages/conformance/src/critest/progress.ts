/** What critest prints while it runs → a line for each spec that has ended. */

/** Takes the output piece by piece, in lines of any cut. */
export function createProgress(show: (line: string) => void): (chunk: string) => void {
  let rest = "";
  let total = "?";
  let ended = 0;
  let name = "";
  let isNameNext = false;

  function take(line: string): void {
    total = /^Will run (\d+) of \d+ specs/u.exec(line)?.[1] ?? total;
    const end = /^[•SP] (\[[A-Z ]+\] )?\[([\d.]+) seconds\]/u.exec(line);
    if (end) {
      ended += 1;
      const word = end[1]?.slice(1, -2).toLowerCase() ?? "passed";
      show(`${String(ended).padStart(4)}/${total}  ${word}  ${end[2]} s  ${name}`);
    } else if (/^-{10,}$/u.test(line)) isNameNext = true;
    else if (isNameNext && line !== "") {
      name = line;
      isNameNext = false;
    }
  }

  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.trimEnd());
  };
}
