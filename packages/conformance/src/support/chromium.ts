/** A Chromium of this machine, without a window; LXE_TEST_CHROMIUM names one that is not in PATH. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Undefined where none is installed. */
export function chromiumProgram(): string | undefined {
  const named = process.env["LXE_TEST_CHROMIUM"];
  if (named) return named;
  const places = (process.env["PATH"] ?? "").split(":");
  return NAMES.flatMap((name) => places.map((place) => join(place, name))).find((path) => existsSync(path));
}

export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath });
}
