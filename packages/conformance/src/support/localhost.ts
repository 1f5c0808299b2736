/** What the host calls localhost. */
import { readFileSync } from "node:fs";

export function isLocalhost(address: string): boolean {
  const lines = readFileSync("/etc/hosts", "utf8").split("\n");
  return lines.some((line) => {
    const [first, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return first === address && names.includes("localhost");
  });
}
