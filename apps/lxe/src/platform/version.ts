/** The version in package.json. */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** Put in place by the bundler, as a bundle has no package.json beside it. */
declare const LXE_VERSION: string | undefined;

function readVersion(): string {
  const content = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(content)).version;
}

export const VERSION: string = typeof LXE_VERSION === "string" ? LXE_VERSION : readVersion();
