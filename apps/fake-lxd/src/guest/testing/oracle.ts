/** The real busybox, where there is one, to check expectations against. */
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { signalNumber } from "../core/signals.ts";
import type { Output } from "./harness.ts";

const busybox = "/bin/busybox";

/** The version whose messages the expectations quote. */
const version = "BusyBox v1.35";

export const hasOracle =
  fs.existsSync(busybox) && execFileSync(busybox, [], { encoding: "latin1" }).startsWith(version);

export function askOracle(text: string): Promise<Output> {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), "oracle-"));
  return new Promise((resolve) => {
    const child = execFile(
      busybox,
      ["sh", "-c", text],
      { cwd, env: { PATH: "/bin:/usr/bin", HOME: "/root" }, encoding: "latin1" },
      (error, stdout, stderr) => {
        fs.rmSync(cwd, { recursive: true, force: true });
        resolve({ stdout, stderr, code: codeOf(error) });
      },
    );
    child.stdin?.end();
  });
}

function codeOf(error: { code?: unknown; signal?: unknown } | null): number {
  if (!error) return 0;
  if (typeof error.signal === "string") return 128 + (signalNumber(error.signal) ?? 0);
  return typeof error.code === "number" ? error.code : -1;
}
