import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createLogger } from "./logger.ts";
import type { Logger } from "./logger.ts";
import { createNotify } from "./systemd-notify.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

afterEach(() => void vi.unstubAllEnvs());

function recordingLogger(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: createLogger({ level: "info", format: "text" }, { write: (line) => void lines.push(line) }), lines };
}

test("systemd-notify is told the state and whose it is", async () => {
  await using directory = await temporaryDirectory();
  const said = join(directory.path, "said");
  await writeFile(join(directory.path, "systemd-notify"), `#!/bin/sh\necho "$@" > ${said}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${directory.path}:/usr/bin:/bin`);
  await createNotify("/run/some.sock", recordingLogger().log)("READY");
  expect(await readFile(said, "utf8")).toBe(`--pid=${process.pid} READY=1\n`);
});

test("nothing happens outside of a notify unit, and a failure is only logged", async () => {
  vi.stubEnv("PATH", "/nonexistent");
  const { log, lines } = recordingLogger();
  await createNotify(undefined, log)("STOPPING");
  expect(lines).toEqual([]);
  await createNotify("/run/some.sock", log)("STOPPING");
  expect(lines.join("")).toContain("systemd could not be told");
});
