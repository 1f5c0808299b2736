import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { HostFile, HostFiles } from "../platform/host-files.ts";
import { createLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { runCommand } from "../platform/run-command.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { outputOf } from "./log-line.ts";
import { pumpFixture } from "./testing/pump-fixture.ts";

const MIB = 1024 * 1024;

function failOnFullDisk(): Promise<never> {
  return Promise.reject(new Error("no space left on device"));
}

/** The methods of a class instance, to be spread. */
function methodsOf(file: HostFile): HostFile {
  return {
    read: (buffer, position) => file.read(buffer, position),
    write: (bytes) => file.write(bytes),
    stat: () => file.stat(),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    readNow: (buffer, position) => file.readNow(buffer, position),
    punchHole: (offset, lengthBytes) => file.punchHole(offset, lengthBytes),
    close: () => file.close(),
  };
}

describe("following", () => {
  test("the log exists with mode 0640 once the pump has started", async () => {
    await using fixture = await pumpFixture();
    await fixture.pump.start();
    expect((await stat(fixture.logPath)).mode & 0o777).toBe(0o640);
  });

  test("output appears in the log while the app runs", async () => {
    await using fixture = await pumpFixture();
    await fixture.pump.start();
    await fixture.append("stdout", "one\n");
    await vi.waitFor(async () => expect(await fixture.logged("stdout")).toBe("one\n"));
    await fixture.append("stderr", "two\n");
    await vi.waitFor(async () => expect(await fixture.logged("stderr")).toBe("two\n"));
  });

  test("streams that changed one after the other are logged in that order", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stderr", "first\n");
    await fixture.pump.start();
    await vi.waitFor(async () => expect(await fixture.records()).toHaveLength(1));
    await fixture.append("stderr", "second\n");
    await vi.waitFor(async () => expect(await fixture.records()).toHaveLength(2));
    await fixture.append("stdout", "third\n");
    await vi.waitFor(async () =>
      expect((await fixture.records()).map(({ content }) => content.toString())).toEqual(["first", "second", "third"]),
    );
  });

  test("a file that is created later is followed, too", async () => {
    await using fixture = await pumpFixture();
    await rm(fixture.path("stderr"));
    await fixture.pump.start();
    await fixture.append("stderr", "late\n");
    await vi.waitFor(async () => expect(await fixture.logged("stderr")).toBe("late\n"));
  });

  test("a change that inotify missed is found by the poll", async () => {
    const clock = createManualClock();
    const files = { ...createSystemHostFiles(), watch: () => ({ close: () => undefined }) };
    await using fixture = await pumpFixture({ clock, files });
    await fixture.pump.start();
    await fixture.append("stdout", "unseen\n");
    await vi.waitFor(async () => {
      clock.advance(30_000);
      expect(await fixture.logged("stdout")).toBe("unseen\n");
    });
  });

  test("500 pumps at rest do nothing between two polls", async () => {
    const clock = createManualClock();
    await using fixtures = new AsyncDisposableStack();
    for (let count = 0; count < 500; count += 1) {
      const fixture = fixtures.use(await pumpFixture({ clock }));
      await fixture.pump.start();
      await fixture.pump.drain();
    }
    await vi.waitFor(() => {
      clock.advance(0);
      expect(clock.nextTimerMs()).toBe(30_000);
    });
  });
});

describe("drain", () => {
  test("an unended line waits, and is a part once the app has ended", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stdout", "whole\nhalf");
    await fixture.pump.start();
    await vi.waitFor(async () => expect(await fixture.logged("stdout")).toBe("whole\n"));
    await fixture.pump.drain();
    expect((await fixture.records()).map(({ tag, content }) => `${tag} ${content.toString()}`)).toEqual([
      "F whole",
      "P half",
    ]);
  });

  test("any bytes and long lines of both streams are in the log when it resolves", async () => {
    await using fixture = await pumpFixture();
    await fixture.pump.start();
    const stdout = Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(MIB, "x"), Buffer.from("\n\n\0\r\n")]);
    const stderr = randomBytes(MIB);
    await Promise.all([fixture.append("stdout", stdout), fixture.append("stderr", stderr)]);
    await fixture.pump.drain();
    const records = await fixture.records();
    expect(outputOf(records, "stdout").equals(stdout)).toBe(true);
    expect(outputOf(records, "stderr").equals(stderr)).toBe(true);
    expect(Math.max(...records.map(({ content }) => content.length))).toBe(16 * 1024);
  });

  test("it ends when its signal aborts or the pump is closed, however long the disk stays full", async () => {
    const clock = createManualClock();
    const files = { ...createSystemHostFiles(), writeFile: failOnFullDisk };
    await using fixture = await pumpFixture({ clock, files });
    await fixture.append("stdout", "stuck\n");
    await fixture.pump.start();
    const abort = new AbortController();
    const drains = Promise.allSettled([fixture.pump.drain(abort.signal), fixture.pump.drain()]);
    abort.abort(new Error("waited enough"));
    await fixture.pump.close();
    expect((await drains).map((drain) => drain.status === "rejected" && String(drain.reason))).toEqual([
      "Error: waited enough",
      "Error: the log pump was closed",
    ]);
  });
});

describe("rotation", () => {
  test("nothing is lost, doubled or torn while the app writes and the log is rotated", async () => {
    await using fixture = await pumpFixture({ limits: { gatherMs: 0 } });
    await fixture.pump.start();
    const rotated: string[] = [];
    let written = "";
    for (let round = 0; round < 20; round += 1) {
      const output = Array.from({ length: 200 }, (_, line) => `round ${round} line ${line}\n`).join("");
      written += output;
      const writing = fixture.append("stdout", output);
      const path = `${fixture.logPath}.${round}`;
      await rename(fixture.logPath, path);
      rotated.push(path);
      await fixture.pump.reopen();
      expect((await stat(fixture.logPath)).isFile()).toBe(true);
      await writing;
    }
    await fixture.pump.drain();
    const records = await Promise.all([...rotated, fixture.logPath].map((path) => fixture.records(path)));
    expect(outputOf(records.flat(), "stdout").toString()).toBe(written);
  });

  test("records after reopen are in the new file only", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stdout", "old\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    await rename(fixture.logPath, `${fixture.logPath}.old`);
    await fixture.pump.reopen();
    await fixture.append("stdout", "new\n");
    await fixture.pump.drain();
    expect(outputOf(await fixture.records(`${fixture.logPath}.old`), "stdout").toString()).toBe("old\n");
    expect(await fixture.logged("stdout")).toBe("new\n");
  });

  test("a removed log is made anew, but not in a removed directory", async () => {
    await using fixture = await pumpFixture();
    await fixture.pump.start();
    await rm(fixture.logPath);
    await fixture.append("stdout", "one\n");
    await fixture.pump.drain();
    expect(await fixture.logged("stdout")).toBe("one\n");
    await rm(join(fixture.directory, "pods"), { recursive: true });
    await fixture.append("stdout", "two\n");
    await fixture.pump.drain();
    expect(await readdir(fixture.directory)).not.toContain("pods");
  });
});

describe("an app that truncates its output", () => {
  test.each([
    ["shorter", "no\n"],
    ["as long", "otherwise\n"],
    ["longer", "something longer than before\n"],
  ])("what it writes then is logged when it is %s", async (_title, rewritten) => {
    await using fixture = await pumpFixture();
    await fixture.append("stderr", "1st line.\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    await writeFile(fixture.path("stderr"), rewritten);
    await fixture.append("stderr", "more\n");
    await fixture.pump.drain();
    expect(await fixture.logged("stderr")).toBe(`1st line.\n${rewritten}more\n`);
  });

  test("is noticed when it happened while no pump ran", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stderr", "before\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    await fixture.pump.close();
    await truncate(fixture.path("stderr"));
    await fixture.append("stderr", "after it, and longer\n");
    await fixture.restart();
    await fixture.pump.drain();
    expect(await fixture.logged("stderr")).toBe("before\nafter it, and longer\n");
  });
});

describe("disk use", () => {
  test("logged output is given back to the disk, and the log is whole", async () => {
    await using fixture = await pumpFixture();
    await fixture.pump.start();
    const pieces = Array.from({ length: 16 }, () => randomBytes(MIB));
    for (const piece of pieces) {
      await fixture.append("stdout", piece);
      await fixture.pump.drain();
    }
    await vi.waitFor(async () => {
      const { size, blocks } = await stat(fixture.path("stdout"));
      expect(size).toBe(16 * MIB);
      expect(blocks * 512).toBeLessThan(4 * MIB);
    });
    expect(outputOf(await fixture.records(), "stdout").equals(Buffer.concat(pieces))).toBe(true);
  });

  test("a pump that starts where blocks were given back goes on behind them", async () => {
    await using fixture = await pumpFixture({ limits: { punchBytes: 8192 } });
    await fixture.pump.start();
    const before = randomBytes(MIB);
    await fixture.append("stdout", before);
    await fixture.pump.drain();
    await fixture.restart();
    await fixture.append("stdout", "after\n");
    await fixture.pump.drain();
    expect(outputOf(await fixture.records(), "stdout").equals(Buffer.concat([before, Buffer.from("after\n")]))).toBe(
      true,
    );
  });

  test("a full disk is reported once, and no output is lost", async () => {
    const clock = createManualClock();
    const inner = createSystemHostFiles();
    let full = false;
    const files: HostFiles = {
      ...inner,
      openForAppending: async (path, mode) => {
        const file = await inner.openForAppending(path, mode);
        const write = async (bytes: Uint8Array): Promise<number> => {
          if (full) throw new Error("no space left on device");
          return await file.write(bytes);
        };
        return { ...methodsOf(file), write };
      },
    };
    const lines: string[] = [];
    const log = createLogger({ level: "info", format: "text" }, { write: (line) => void lines.push(line) });
    await using fixture = await pumpFixture({ clock, files, log });
    await fixture.pump.start();
    full = true;
    await fixture.append("stdout", "kept\n");
    await vi.waitFor(() => {
      clock.advance(1000);
      expect(lines).toHaveLength(1);
    });
    for (let attempt = 0; attempt < 20; attempt += 1) clock.advance(30_000);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("nothing is lost");
    full = false;
    await vi.waitFor(async () => {
      clock.advance(30_000);
      expect(await fixture.logged("stdout")).toBe("kept\n");
    });
    await vi.waitFor(() => expect(lines[1]).toContain("logged again"));
  });
});

describe("a hostile app", () => {
  test("that puts a link to a file of the host in place of its output gets nothing into the log", async () => {
    await using fixture = await pumpFixture();
    const secret = join(fixture.directory, "secret");
    await writeFile(secret, "secret\n");
    await rm(fixture.path("stdout"));
    await symlink(secret, fixture.path("stdout"));
    await fixture.pump.start();
    await fixture.pump.drain();
    expect(await fixture.records()).toEqual([]);
  });

  test("that puts a pipe there does not block the pump", async () => {
    await using fixture = await pumpFixture();
    await rm(fixture.path("stdout"));
    await runCommand("mkfifo", [fixture.path("stdout")]);
    await fixture.append("stderr", "fine\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    expect(await fixture.logged("stderr")).toBe("fine\n");
  });
});

describe("subscribe", () => {
  test("a listener gets each byte once, also of lines that have not ended, until it leaves", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stdout", "before\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    let heard = "";
    const leave = fixture.pump.subscribe((stream, bytes) => {
      heard += `[${stream}]${Buffer.from(bytes).toString()}`;
    });
    await fixture.append("stdout", "$ ");
    await vi.waitFor(() => expect(heard).toBe("[stdout]$ "));
    await fixture.append("stdout", "ls\n");
    await vi.waitFor(() => expect(heard).toBe("[stdout]$ [stdout]ls\n"));
    leave();
    await fixture.append("stdout", "more\n");
    await fixture.pump.drain();
    expect(heard).toBe("[stdout]$ [stdout]ls\n");
  });
});

describe("without a log path", () => {
  test("output is consumed and given to listeners only", async () => {
    await using fixture = await pumpFixture({ withoutLog: true });
    await fixture.pump.start();
    let heard = 0;
    fixture.pump.subscribe((_stream, bytes) => {
      heard += bytes.length;
    });
    await fixture.append("stdout", randomBytes(3 * MIB));
    await fixture.pump.drain();
    expect(heard).toBe(3 * MIB);
    await fixture.pump.reopen();
    expect(await readdir(fixture.directory)).toEqual(["stderr", "stdout"]);
    await vi.waitFor(async () => expect((await stat(fixture.path("stdout"))).blocks * 512).toBeLessThan(2 * MIB));
  });
});

describe("start", () => {
  test("rejects when the log cannot be opened, and succeeds later by itself", async () => {
    const clock = createManualClock();
    await using fixture = await pumpFixture({ clock });
    await writeFile(join(fixture.directory, "pods"), "in the way");
    await fixture.append("stdout", "patience\n");
    await expect(fixture.pump.start()).rejects.toThrow("ENOTDIR");
    await rm(join(fixture.directory, "pods"));
    await vi.waitFor(async () => {
      clock.advance(30_000);
      expect(await fixture.logged("stdout")).toBe("patience\n");
    });
  });

  test("goes on with new output when the offsets are unreadable", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stdout", "old\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    await writeFile(join(fixture.directory, "state", "offsets"), "");
    await fixture.restart();
    await fixture.append("stdout", "new\n");
    await fixture.pump.drain();
    expect(await fixture.logged("stdout")).toBe("old\nnew\n");
  });

  test("goes on with the renamed log until the next one is asked for", async () => {
    await using fixture = await pumpFixture();
    await fixture.append("stdout", "one\n");
    await fixture.pump.start();
    await fixture.pump.drain();
    await rename(fixture.logPath, `${fixture.logPath}.old`);
    await fixture.restart();
    await fixture.append("stdout", "two\n");
    await fixture.pump.drain();
    expect(outputOf(await fixture.records(`${fixture.logPath}.old`), "stdout").toString()).toBe("one\ntwo\n");
    await fixture.pump.reopen();
    expect(await fixture.records()).toEqual([]);
  });
});
