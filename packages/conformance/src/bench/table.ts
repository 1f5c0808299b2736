/** Figures as a table for people. */
import { type Figure, verdictOf } from "./result.ts";

const DIGITS = { ms: 2, "%": 2, MB: 1, "MB/s": 0, calls: 0, containers: 0 } as const;

export function renderTable(figures: readonly Figure[]): string {
  const rows = [["name", "figure", "target", "verdict"], ...figures.map(rowOf)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function rowOf(figure: Figure): string[] {
  const { name, value, unit } = figure;
  return [name, `${value.toFixed(DIGITS[unit])} ${unit}`, boundOf(figure), verdictOf(figure) ?? "-"];
}

function boundOf({ target, floor, unit }: Figure): string {
  if (target !== undefined) return `<= ${target} ${unit}`;
  return floor === undefined ? "-" : `>= ${floor} ${unit}`;
}

/** Numbers stand at the right of their columns. */
function pad(cell: string, width: number, column: number): string {
  return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
}
