import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createWorld, startGuest, type World } from "../testing/harness.ts";
import type { Guest, GuestProcess } from "../types.ts";

interface Terminal {
  process: GuestProcess;
  type(text: string): Promise<void>;
  end(): void;
  shown(): string;
}

async function open(world: World, guest: Guest, argv: string[]): Promise<Terminal> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const env = { PATH: "/bin:/sbin", PS1: "# " };
  const process = await guest.exec({
    argv,
    env,
    cwd: "/",
    uid: 0,
    gid: 0,
    stdin,
    stdout,
    stderr: new PassThrough(),
    tty: { columns: 100, rows: 30 },
  });
  await world.clock.advance(1);
  return {
    process,
    async type(text) {
      stdin.write(text);
      await world.clock.advance(1);
    },
    end: () => void stdin.end(),
    shown: () => Buffer.concat(chunks).toString("latin1"),
  };
}

test("a shell at a terminal prompts, echoes, and ends at ^D", async () => {
  await using world = createWorld();
  const terminal = await open(world, await startGuest(world), ["sh"]);
  await terminal.type("echo hi\r");
  expect(terminal.shown()).toBe("# echo hi\r\nhi\r\n# ");
  await terminal.type("exit 3\r");
  expect(await terminal.process.exited).toEqual({ code: 3 });
  await terminal.process.outputClosed;
});

test("^C ends the program in front, not the shell", async () => {
  await using world = createWorld();
  const terminal = await open(world, await startGuest(world), ["sh"]);
  await terminal.type("sleep 1000\r");
  await terminal.type("\x03");
  await terminal.type("echo $?\r");
  expect(terminal.shown()).toContain("130\r\n");
  terminal.end();
  expect(await world.clock.drive(terminal.process.exited)).toMatchObject({ code: expect.any(Number) as number });
});

test("the size of the terminal is known and changes with a signal", async () => {
  await using world = createWorld();
  const terminal = await open(world, await startGuest(world), [
    "sh",
    "-c",
    "stty size; trap 'stty size' WINCH; read x; read y",
  ]);
  terminal.process.resize(80, 24);
  await terminal.type("\r");
  expect(terminal.shown()).toContain("30 100\r\n");
  expect(terminal.shown()).toContain("24 80\r\n");
});

test("programs see a terminal, and none in a pipe", async () => {
  await using world = createWorld();
  const terminal = await open(world, await startGuest(world), [
    "sh",
    "-c",
    "[ -t 1 ] && echo tty; { [ -t 1 ] || echo pipe; } | cat; tty",
  ]);
  await world.clock.drive(terminal.process.exited);
  expect(terminal.shown()).toBe("tty\r\npipe\r\n/dev/pts/".concat(terminal.shown().slice(20)));
});

test("a console shows what init writes and types to it", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, {
    console: "pty",
    initArgv: ["/bin/sh", "-c", "echo booting; read name; echo hello $name"],
  });
  await world.clock.advance(1);
  guest.console?.input.write("you\n");
  await guest.exited;
  const chunks: Buffer[] = [];
  for await (const chunk of guest.console?.output ?? []) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe("booting\r\nyou\r\nhello you\r\n");
});

test("line editing erases and kills", async () => {
  await using world = createWorld();
  const terminal = await open(world, await startGuest(world), ["head", "-n", "2"]);
  await terminal.type("abx\x7fc\r");
  await terminal.type("gone\x15kept\r");
  await world.clock.drive(terminal.process.exited);
  expect(terminal.shown()).toContain("\r\nabc\r\n");
  expect(terminal.shown().endsWith("kept\r\nkept\r\n")).toBe(true);
});
