/** How the demo talks to people. */

export interface Printer {
  /** A step that is done, with the time since the demo's start. */
  readonly step: (text: string) => void;
  /** A heading and indented lines below it. */
  readonly block: (heading: string, text: string) => void;
  readonly line: (text?: string) => void;
}

export function createPrinter(write: (text: string) => void): Printer {
  const start = performance.now();
  const line = (text = ""): void => write(`${text}\n`);
  return {
    line,
    step: (text) => line(`${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${text}`),
    block: (heading, text) => {
      line();
      line(heading);
      for (const row of text.trimEnd().split("\n")) line(`    ${row}`);
    },
  };
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
