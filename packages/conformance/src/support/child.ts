/** A child process with its output kept, ended by signal. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";

export interface Child {
  readonly pid: number;
  /** Resolves with a sentence once the process is gone. */
  readonly exited: Promise<string>;
  /** The signal is sent at once; resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** The last lines that it wrote. */
  lastOutput(): string;
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Output is appended here, too. */
  readonly logFile?: string;
  /** Whether it lives on when this process ends. */
  readonly detached?: boolean;
}

const KEPT_CHARS = 8192;

/** Runs `argv[0]` with the rest as its arguments. Its stdin is empty. */
export function startChild(argv: readonly [string, ...string[]], options: ChildOptions = {}): Child {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: options.env ?? process.env,
    detached: options.detached ?? false,
  });
  const output = keepOutput(child, options.logFile);
  const exited = describeEnd(child, program);
  return {
    pid: child.pid ?? 0,
    exited,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
    lastOutput: output,
  };
}

function keepOutput(child: ChildProcess, logFile: string | undefined): () => string {
  let kept = "";
  const file = logFile === undefined ? undefined : createWriteStream(logFile, { flags: "a" });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      kept = (kept + chunk.toString()).slice(-KEPT_CHARS);
      file?.write(chunk);
    });
  }
  child.once("close", () => file?.end());
  return () => kept;
}

async function describeEnd(child: ChildProcess, program: string): Promise<string> {
  try {
    const [code, signal] = await once(child, "exit");
    return signal === null ? `${program} ended with code ${String(code)}` : `${program} ended by ${String(signal)}`;
  } catch (error) {
    return `${program} could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}
