/** What execve does with a file: scripts, init programs (docs/internals/init.md), and applets in the place of real programs. */
import { capabilitiesAfterExec } from "../core/capabilities.ts";
import type { Program } from "../core/control.ts";
import { fromBuffer } from "../core/bytes.ts";
import { Errno } from "../core/errno.ts";
import type { ProgramLoader } from "../core/machine.ts";
import { commOf, type Process } from "../core/process.ts";
import { permitted, X_OK } from "../vfs/credentials.ts";
import type { Location } from "../vfs/mount.ts";
import { type Rights, S_IFMT, S_IFREG } from "../vfs/types.ts";
import { locate, rightsOf } from "../vfs/walk.ts";
import { readInto, readNow } from "./read-now.ts";
import { isInitProgram, loadInitProgram } from "../init/image.ts";
import { runInitProgram } from "../init/interpreter.ts";

const interpretersMax = 4;
const headBytes = 4096;
const scriptHeadBytes = 256;

interface Executable {
  program: Program;
  argv: string[];
  /** The file that is mapped: the script's interpreter, not the script. */
  place: Location;
  info: Readonly<Rights>;
}

/** By name; undefined for what is no applet. */
export type AppletFinder = (name: string) => Program | undefined;

/**
 * The loader checks that the file can be executed and makes the process its: argv, environment, descriptors, signals, ids. It returns what it
 * runs. Throws ENOENT, EACCES, ENOTDIR, ENOEXEC, ELOOP as Linux would, with nothing changed.
 */
export function createLoader(findApplet: AppletFinder): ProgramLoader {
  return (process, path, argv, env) => {
    process.alive();
    const executable = find({ process, findApplet }, path, argv, 0);
    process.argv = executable.argv;
    process.env = env;
    process.exe = executable.place.path;
    process.comm = commOf(path);
    process.fds.exec();
    process.resetHandlers();
    process.allocatedBytes = 0;
    becomeOwner(process, executable.info, executable.place);
    return executable.program;
  };
}

interface Loading {
  process: Process;
  findApplet: AppletFinder;
}

function becomeOwner(process: Process, info: Readonly<Rights>, place: Location): void {
  const { credentials } = process;
  const honoured = !process.noNewPrivs && !place.mount.options.includes("nosuid") && !info.foreign;
  const euid = honoured && info.mode & 0o4000 ? info.uid : credentials.euid;
  const egid = honoured && info.mode & 0o2000 ? info.gid : credentials.egid;
  process.credentials = { ...credentials, euid, suid: euid, egid, sgid: egid };
  process.capabilities = capabilitiesAfterExec(process.capabilities, euid);
}

function find(loading: Loading, path: string, argv: string[], depth: number): Executable {
  const { process } = loading;
  if (depth > interpretersMax) throw new Errno("ELOOP");
  const place = locate(process, path);
  const info = rightsOf(place, process);
  const kind = info.mode & S_IFMT;
  if (kind !== S_IFREG || place.mount.options.includes("noexec") || !permitted(process.credentials, info, X_OK))
    throw new Errno("EACCES");
  const head = readNow(process.machine.host, place, headBytes);
  if (head.length >= 2 && head[0] === 0x23 && head[1] === 0x21)
    return script(loading, path, argv, head.subarray(0, scriptHeadBytes), depth, { place, info });
  const program = isElf(head) ? elfProgram(loading, place, path, head) : applet(loading, place, path, head);
  if (!program) throw new Errno("ENOEXEC");
  return { program, argv, place, info };
}

function isElf(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32BE(0) === 0x7f454c46;
}

function elfProgram(loading: Loading, place: Location, path: string, head: Buffer): Program | undefined {
  const { host, architecture } = loading.process.machine;
  if (isInitProgram(head)) {
    const image = loadInitProgram(head, architecture, (memory) => readInto(host, place, memory));
    return (running) => runInitProgram(running, image);
  }
  return appletNamed(loading, place, path);
}

/** The name it was called by, then the name of the file that this led to. */
function appletNamed({ findApplet }: Loading, place: Location, path: string): Program | undefined {
  const called = commName(path);
  return findApplet(called) ?? findApplet(commName(place.path));
}

/** An empty marker file stands for an applet too; other content is for the shell to make sense of. */
function applet(loading: Loading, place: Location, path: string, head: Buffer): Program | undefined {
  return head.length === 0 ? appletNamed(loading, place, path) : undefined;
}

function script(
  loading: Loading,
  path: string,
  argv: string[],
  head: Buffer,
  depth: number,
  file: { place: Location; info: Readonly<Rights> },
): Executable {
  const line = fromBuffer(head).slice(2).split("\n", 1)[0] ?? "";
  const match = /^[ \t]*(\S+)(?:[ \t]+(.*?))?[ \t]*$/.exec(line);
  const interpreter = match?.[1];
  if (interpreter === undefined) throw new Errno("ENOEXEC");
  // A marker file of a tree without a real busybox: the name says which applet.
  if (commName(interpreter) === "busybox") {
    const program = appletNamed(loading, file.place, path);
    if (program) return { program, argv, ...file };
  }
  const words = [interpreter, ...(match?.[2] === undefined ? [] : [match[2]]), path, ...argv.slice(1)];
  return find(loading, interpreter, words, depth + 1);
}

function commName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
