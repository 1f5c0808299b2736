import { openSync, closeSync } from "node:fs";
import { expect, test } from "vitest";
import { CommandError, runCommand } from "./run-command.ts";

test("output is given when the program ends with 0", async () => {
  expect(await runCommand("sh", ["-c", "echo out; echo err >&2"])).toEqual({ stdout: "out\n", stderr: "err\n" });
});

test("arguments reach the program as they are", async () => {
  const args = ["%s|", "a b", "$HOME", "'", ""];
  expect((await runCommand("printf", args)).stdout).toBe("a b|$HOME|'||");
});

test("another exit code is an error that holds the code and what was said", async () => {
  const failed = runCommand("sh", ["-c", "echo no such thing >&2; exit 3"]);
  await expect(failed).rejects.toThrow(CommandError);
  await expect(failed).rejects.toMatchObject({ exitCode: 3, stderr: "no such thing" });
});

test("a missing program is an error", async () => {
  await expect(runCommand("no-such-program-here", [])).rejects.toThrow("cannot run no-such-program-here");
});

test("a program that takes too long is killed", async () => {
  await expect(runCommand("sleep", ["600"], { timeoutMs: 20 })).rejects.toThrow("sleep was ended by SIGKILL");
});

test("a program is killed when the signal aborts", async () => {
  const abort = new AbortController();
  const running = runCommand("sleep", ["600"], { signal: abort.signal });
  abort.abort();
  await expect(running).rejects.toThrow(CommandError);
});

test("a descriptor is passed on as number 3", async () => {
  const fd = openSync("/etc/hostname", "r");
  const { stdout } = await runCommand("sh", ["-c", "readlink /proc/self/fd/3"], { extraFd: fd });
  closeSync(fd);
  expect(stdout).toBe("/etc/hostname\n");
});

test("more output than fits is cut off", async () => {
  const { stdout } = await runCommand("head", ["-c", "1000000", "/dev/zero"]);
  expect(stdout).toHaveLength(64 * 1024);
});
