/** Runs the command as a user does. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const LXE = fileURLToPath(new URL("../../../bin/lxe.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has said on stderr until now. */
  stderr(): string;
  readonly ended: Promise<Ended>;
}

/** Starts a Node program with nothing of this process's environment but the PATH. */
export function startProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningProgram {
  const env = { PATH: process.env["PATH"], ...environment };
  const child = spawn(process.execPath, [program, ...args], { env });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    stderr: () => stderr,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs `lxe` to its end. */
export function lxe(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startProgram(LXE, args, environment).ended;
}
