import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { makePipes, openForWriting } from "../platform/pipes.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { endListener } from "../platform/unix-listener.ts";
import { Assembler } from "./assemble.ts";
import { type Machine, MACHINES } from "./machine.ts";
import { becomeApp, reportFailure } from "./process.ts";
import {
  HOLDER_SOCKET,
  holderProgram,
  openTerminal,
  RESIZE_PIPE,
  resizeMessage,
  TYPED_PIPE,
} from "./terminal-holder.ts";
import { processesOf } from "../platform/testing/processes-of.ts";
import { runnerFor } from "./testing/runner.ts";

interface Started extends AsyncDisposable {
  readonly directory: string;
  readonly output: () => string;
  /** What is typed, and what sets the size. */
  send(pipe: string, bytes: Uint8Array | string): Promise<void>;
  /** An app that runs the script in a terminal. */
  run(script: string): Promise<ChildProcess>;
}

async function startHolder(machine: Machine, runner: readonly string[]): Promise<Started> {
  const directory = await temporaryDirectory();
  const place = (name: string): string => join(directory.path, name);
  await writeFile(place("stdout"), "");
  for (const end of await makePipes([place(TYPED_PIPE), place(RESIZE_PIPE)], { mode: 0o600 })) {
    await end[Symbol.asyncDispose]();
  }
  const start = async (name: string, program: Buffer): Promise<ChildProcess> => {
    await writeFile(place(name), program, { mode: 0o755 });
    const [file, ...args] = [...runner, place(name)];
    return spawn(file, args, { stdio: "ignore" });
  };
  const holder = await start("holder", holderProgram(machine, place(HOLDER_SOCKET)));
  expect(await once(holder, "exit")).toEqual([0, null]);
  return {
    directory: directory.path,
    output: () => readFileSync(place("stdout"), "utf8"),
    send: async (pipe, bytes) => {
      // the holder has the pipes from the app's first program
      const end = (await vi.waitFor(() => openForWriting(place(pipe)), { timeout: 10_000 })).writing();
      end.end(bytes);
      await once(end, "close");
    },
    run: (script) => {
      const asm = new Assembler(machine);
      const fail = asm.label("fail");
      openTerminal(asm, { owner: 0, fail, directory: directory.path });
      becomeApp(
        asm,
        { argv: ["/bin/sh", "-c", script], env: ["PATH=/usr/bin:/bin"], cwd: "/", uid: 0, gid: 0, groups: [] },
        fail,
      );
      asm.place(fail);
      reportFailure(asm, asm.cell(), place("failed"));
      return start("app", asm.build());
    },
    [Symbol.asyncDispose]: async () => {
      await endListener(place(HOLDER_SOCKET));
      await expect.poll(() => processesOf(directory.path)).toEqual([]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(process.getuid?.() !== 0).each(MACHINES)(
  "a terminal's holder for $architecture (as root)",
  (machine) => {
    const runner = runnerFor(machine);
    const start = () => startHolder(machine, runner ?? []);

    beforeEach(({ skip }) => skip(!runner, `nothing here runs programs for ${machine.architecture}`));

    it("writes down what the app writes, to the last word, and ends", async () => {
      await using terminal = await start();
      const script = 'test -t 0 && tty >&2; i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; exit 3';
      expect(await once(await terminal.run(script), "exit")).toEqual([3, null]);
      await expect.poll(() => processesOf(terminal.directory)).toEqual([]);
      const lines = terminal.output().split("\r\n");
      expect(lines.shift()).toMatch(/^\/dev\/pts\/\d+$/);
      expect(lines).toEqual([...Array.from({ length: 3000 }, (_, number) => `line ${number}`), ""]);
    });

    it("types what is sent, also what the terminal makes signals of", async () => {
      await using terminal = await start();
      const app = await terminal.run(
        'trap "echo interrupted; exit 4" INT; read line; echo "<$line>"; echo ready; while true; do sleep 0.01; done',
      );
      await terminal.send(TYPED_PIPE, "hello\r");
      await expect.poll(terminal.output).toBe("hello\r\n<hello>\r\nready\r\n");
      const ended = once(app, "exit");
      await terminal.send(TYPED_PIPE, "\x03");
      expect(await ended).toEqual([4, null]);
      await expect.poll(terminal.output).toMatch(/\^Cinterrupted\r\n$/);
    });

    it("sets the terminal's size", async () => {
      await using terminal = await start();
      await terminal.run('trap "stty size; exit" WINCH; echo ready; while true; do sleep 0.01; done');
      await expect.poll(terminal.output).toBe("ready\r\n");
      await terminal.send(RESIZE_PIPE, resizeMessage(132, 43));
      await expect.poll(terminal.output).toBe("ready\r\n43 132\r\n");
    });

    it("does not hold up output while the app reads nothing", async () => {
      await using terminal = await start();
      const app = await terminal.run(
        'echo ready; until test -e "$0"; do sleep 0.01; done'.replace("$0", `${terminal.directory}/go`),
      );
      await expect.poll(terminal.output).toBe("ready\r\n");
      // more than the terminal takes
      const typed = (await openForWriting(join(terminal.directory, TYPED_PIPE))).writing();
      typed.write(Buffer.alloc(32 * 1024, "x"));
      const ended = once(app, "exit");
      await writeFile(join(terminal.directory, "go"), "");
      expect(await ended).toEqual([0, null]);
      await expect.poll(() => processesOf(terminal.directory)).toEqual([]);
      typed.destroy();
    });

    it("ends when the app will not come", async () => {
      await using terminal = await start();
      expect(processesOf(terminal.directory)).toHaveLength(1);
      await endListener(join(terminal.directory, HOLDER_SOCKET));
      await expect.poll(() => processesOf(terminal.directory)).toEqual([]);
    });
  },
);
