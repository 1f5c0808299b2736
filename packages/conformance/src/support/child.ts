/** A child process whose output goes to a file, ended by signal. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";

export interface Child {
  readonly pid: number;
  /** Resolves with a sentence once the process is gone. */
  readonly exited: Promise<string>;
  /** The signal is sent at once; resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** The end of what it wrote. */
  lastOutput(): string;
}

export interface ChildOptions {
  /** stdout and stderr are appended here, also when this process is gone. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  /** It lives on when this process ends. */
  readonly detached?: boolean;
}

const SHOWN_CHARS = 8192;

/** Runs `argv[0]` with the rest as its arguments. Its stdin is empty. */
export function startChild(argv: readonly [string, ...string[]], options: ChildOptions): Child {
  const [program, ...args] = argv;
  const log = openSync(options.logFile, "a", 0o600);
  const { env = process.env, detached = false } = options;
  const child = spawn(program, args, { stdio: ["ignore", log, log], env, detached });
  closeSync(log);
  if (detached) child.unref();
  const exited = describeEnd(child, program);
  return {
    pid: child.pid ?? 0,
    exited,
    end: async (signal) => {
      child.ref();
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
    lastOutput: () => readFileSync(options.logFile, "utf8").slice(-SHOWN_CHARS),
  };
}

async function describeEnd(child: ChildProcess, program: string): Promise<string> {
  try {
    const [code, signal] = await once(child, "exit");
    return signal === null ? `${program} ended with code ${String(code)}` : `${program} ended by ${String(signal)}`;
  } catch (error) {
    return `${program} could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}
