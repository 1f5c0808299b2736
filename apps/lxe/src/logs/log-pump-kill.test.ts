import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { outputOf } from "./log-line.ts";
import { pumpFixture } from "./testing/pump-fixture.ts";
import { STREAMS } from "./stream.ts";

const PROCESS = fileURLToPath(new URL("testing/pump-process.ts", import.meta.url));
const KILLS = 6;
const LINES_PER_WRITE = 400;

test("no record is lost or doubled when the pumping process is killed again and again while the app writes", async () => {
  await using fixture = await pumpFixture();
  const { directory, logPath } = fixture;
  const written = { stdout: "", stderr: "" };
  const rotated: string[] = [];
  for (let round = 0; round < KILLS; round += 1) {
    const args = [PROCESS, directory, join(directory, "state", "offsets"), logPath];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    for (let piece = 0; piece < 30; piece += 1) {
      for (const stream of STREAMS) {
        const output = `${round} ${piece} a line of some length\n`.repeat(LINES_PER_WRITE);
        written[stream] += output;
        await appendFile(join(directory, stream), output);
      }
    }
    // In the middle of it: some records are there, most are not.
    await vi.waitFor(async () => expect((await fixture.records()).length).toBeGreaterThan(0));
    child.kill("SIGKILL");
    await exited;
    if (round % 2 === 1) {
      rotated.push(`${logPath}.${round}`);
      await rename(logPath, `${logPath}.${round}`);
      await fixture.restart();
      await fixture.pump.reopen();
      await fixture.pump.close();
    }
  }
  await fixture.restart();
  await fixture.pump.drain();
  const records = await Promise.all([...rotated, logPath].map((path) => fixture.records(path)));
  for (const stream of STREAMS) expect(outputOf(records.flat(), stream).toString() === written[stream]).toBe(true);
});
