/** Commands that are started in a guest from outside. */
import { fromBytes, toBytes } from "../core/bytes.ts";
import { capabilitiesFor } from "../core/capabilities.ts";
import { Errno } from "../core/errno.ts";
import { StreamReader, StreamSink, StreamWriter } from "../core/host-streams.ts";
import { Process } from "../core/process.ts";
import { Tty } from "../core/tty.ts";
import { findProgram } from "../shell/lookup.ts";
import { GuestExecError, type GuestExecSpec, type GuestProcess } from "../types.ts";
import { credentialsOf } from "../vfs/credentials.ts";
import { nullDevice } from "../vfs/devices.ts";
import { environment } from "./environment.ts";
import type { RunningGuest } from "./guest.ts";

export async function execInGuest(guest: RunningGuest, spec: GuestExecSpec): Promise<GuestProcess> {
  if (!guest.running) throw new GuestExecError("ENOENT", "The instance is not running");
  if (guest.cgroup.full) throw new GuestExecError("EAGAIN", "Resource temporarily unavailable");
  const process = createProcess(guest, spec);
  const io = spec.tty ? attachTerminal(process, spec, spec.tty) : attachStreams(process, spec);
  load(process, spec);
  return {
    pid: process.hostPid,
    exited: process.exited,
    outputClosed: io.closed,
    kill: (signal) => process.signal(signal, "host"),
    resize: (columns, rows) => io.resize(columns, rows),
  };
}

function createProcess(guest: RunningGuest, spec: GuestExecSpec): Process {
  const { init } = guest;
  const { groups } = init.credentials;
  return new Process({
    machine: guest.machine,
    cgroup: guest.cgroup,
    mounts: guest.mounts.table,
    namespaces: guest.namespaces,
    credentials: credentialsOf(spec.uid, spec.gid, groups),
    capabilities: capabilitiesFor(spec.uid, init.capabilities.bounding),
    cwd: guest.directory(spec.cwd),
    argv: spec.argv.map(toBytes),
    env: environment(spec.env),
    parent: null,
    noNewPrivs: init.noNewPrivs,
    seccomp: init.seccomp,
  });
}

/** Makes the process its program, or ends it and says why not. */
function load(process: Process, spec: GuestExecSpec): void {
  const argv = spec.argv.map(toBytes);
  const name = argv[0] ?? "";
  try {
    const path = findProgram(process, name, process.env.get("PATH") ?? "");
    process.run(process.machine.loadProgram(process, path, argv, process.env));
  } catch (error) {
    process.end({ code: 127 });
    if (!(error instanceof Errno)) throw error;
    const missing = error.code === "ENOENT" || error.code === "ENOTDIR";
    throw new GuestExecError(missing ? "ENOENT" : "EACCES", `${fromBytes(name)}: ${error.text}`);
  }
}

interface Attached {
  closed: Promise<void>;
  resize(columns: number, rows: number): void;
}

function attachStreams(process: Process, { stdin, stdout, stderr }: GuestExecSpec): Attached {
  process.fds.set(0, stdin ? new StreamReader(stdin) : nullDevice(0));
  const writers = [new StreamWriter(stdout), new StreamWriter(stderr)];
  for (const [index, writer] of writers.entries()) process.fds.set(index + 1, writer);
  return { closed: allClosed(writers), resize: () => {} };
}

function attachTerminal(
  process: Process,
  { stdin, stdout }: GuestExecSpec,
  size: { columns: number; rows: number },
): Attached {
  const tty = new Tty(process.machine.newTerminalName(), new StreamSink(stdout), size);
  const closed = new Promise<void>((resolve) => {
    tty.whenUnused(resolve);
  });
  const file = tty.open();
  for (const fd of [0, 1, 2]) process.fds.set(fd, file);
  const { session } = process.group;
  session.tty = tty;
  tty.session = session;
  tty.foreground = process.group;
  stdin?.on("data", (chunk: Uint8Array) => tty.type(chunk));
  stdin?.once("end", () => tty.typeEnd());
  stdout.once("close", () => tty.hangUp());
  return { closed, resize: (columns, rows) => tty.resize(columns, rows) };
}

async function allClosed(writers: readonly StreamWriter[]): Promise<void> {
  await Promise.all(writers.map(({ closed }) => closed));
}
