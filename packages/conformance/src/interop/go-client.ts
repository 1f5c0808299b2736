/** Kubernetes' Go library (`packages/conformance/interop/main.go`), as a process for each use. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { goProgram, runGo } from "../support/go.ts";
import { INTEROP_DIRECTORY } from "../support/paths.ts";
import { cached } from "../support/tool-cache.ts";
import type { InteropClient, InteropExec, InteropForward } from "./client.ts";

export type GoTransport = "spdy" | "websocket";

/** Why there is no such client here; undefined: it can be built. */
export function noGoReason(): string | undefined {
  return goProgram() === undefined
    ? "Go is not installed (packages/conformance/critest/install.sh, on Debian)"
    : undefined;
}

/** Its path. */
export function goClientProgram(): Promise<string> {
  return cached("interop", INTEROP_DIRECTORY, ["main.go", "go.mod", "go.sum"], (path) =>
    runGo(["build", "-o", path, "."], INTEROP_DIRECTORY),
  );
}

export function goClient(program: () => string, transport: GoTransport): InteropClient {
  const start = (...args: readonly string[]) => spawn(program(), [...args], { stdio: ["pipe", "pipe", "pipe"] });
  return {
    name: `Go, ${transport}`,
    halfCloses: true,
    exec: async (url, input) => running(start("exec", transport, url, ...(input ? ["-stdin"] : [])), input),
    // its library has one way for both
    attach: async (url, input) => running(start("exec", transport, url, "-stdin"), input),
    forward: (url, port) => forwarding(start("forward", transport, url, String(port))),
  };
}

function running(child: ChildProcessWithoutNullStreams, input: Readable | undefined): InteropExec {
  // it may end before it has read all of its input
  child.stdin.on("error", () => undefined);
  if (input) input.pipe(child.stdin);
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exitCode: once(child, "close").then(([code]) => Number(code)),
    kill: () => kill(child),
  };
}

async function forwarding(child: ChildProcessWithoutNullStreams): Promise<InteropForward> {
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => {
    complaint += text.toString();
  });
  const [port] = await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => [""])]);
  if (String(port) === "") throw new Error(`it does not forward: ${complaint}`);
  const connection = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
  await once(connection, "connect");
  return {
    connection,
    kill: async () => {
      connection.on("error", () => undefined);
      await kill(child);
      connection.destroy();
    },
  };
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
