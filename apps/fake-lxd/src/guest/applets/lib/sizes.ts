/** Sizes as people read them: `1.2M`, as busybox rounds. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toFixed(value < 100 ? 1 : 0)}${"KMGTP"[unit] ?? ""}`;
}
