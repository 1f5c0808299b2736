/** Runs a program of the host to its end: for the few things that Node cannot do itself. */
import { spawn } from "node:child_process";

const OUTPUT_BYTES_MAX = 64 * 1024;
const TIMEOUT_MS_DEFAULT = 10_000;

export interface RunCommandOptions {
  /** Killed (SIGKILL) after this time. Default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Becomes file descriptor 3 of the program. */
  readonly extraFd?: number;
}

/** What the program printed, cut at 64 KiB each. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** The program could not be run, was killed, or ended with another code than 0. */
export class CommandError extends Error {
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(message: string, exitCode: number | undefined, stderr: string, cause?: unknown) {
    super(message, { cause });
    this.name = "CommandError";
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

class Collector {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    if (this.#bytes < OUTPUT_BYTES_MAX) this.#chunks.push(chunk.subarray(0, OUTPUT_BYTES_MAX - this.#bytes));
    this.#bytes += chunk.length;
  }

  toString(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** Runs `program`, found by PATH, without a shell. Rejects with {@link CommandError}. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: RunCommandOptions = {},
): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe", options.extraFd ?? "ignore"],
      timeout: options.timeoutMs ?? TIMEOUT_MS_DEFAULT,
      killSignal: "SIGKILL",
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const stdout = new Collector();
    const stderr = new Collector();
    child.stdout?.on("data", (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on("data", (chunk: Buffer) => stderr.add(chunk));
    child.on("error", (error) => {
      reject(new CommandError(`cannot run ${program}: ${error.message}`, undefined, stderr.toString(), error));
    });
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve({ stdout: stdout.toString(), stderr: stderr.toString() });
        return;
      }
      const how = code === null ? `was ended by ${signal}` : `ended with code ${code}`;
      const said = stderr.toString().trim();
      reject(new CommandError(`${program} ${how}${said === "" ? "" : `: ${said}`}`, code ?? undefined, said));
    });
  });
}
