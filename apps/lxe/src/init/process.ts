/**
 * The steps that turn the calling process into an app: ids, capabilities, working directory, execve. Shared by a
 * container's first process (`app.ts`) and exec'd ones (`exec.ts`).
 */

import type { Assembler, Cell, Label } from "./assemble.ts";

export const AT_FDCWD = -100;
export const O_RDONLY = 0;
export const O_RDWR = 0o2;
export const O_WRONLY = 0o1;
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_CLOEXEC = 0o2000000;
const F_SETFD = 2;
const AT_RECURSIVE = 0x8000;
const CLOSE_RANGE_CLOEXEC = 4;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;

/** What a step was for, in the words of the error that its failure becomes. */
export const PURPOSES = [
  "",
  "open the standard streams",
  "change to the working directory",
  "set the supplementary groups",
  "set the group id",
  "set the user id",
  "set no_new_privs",
  "run the command",
  "set a mount's attributes",
  "start a process",
  "open a terminal",
] as const;
export const purpose = (text: (typeof PURPOSES)[number]): number => PURPOSES.indexOf(text);

export interface ProcessSpec {
  readonly argv: readonly (string | Uint8Array)[];
  /** `KEY=value`, any bytes but NUL. */
  readonly env: readonly (string | Uint8Array)[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Numbers of the capabilities to keep; undefined: leave them as they are. */
  readonly capabilities?: ReadonlySet<number>;
  /** Those that stay in the bounding set beyond `capabilities`; the process does not have them. */
  readonly bounding?: ReadonlySet<number>;
  readonly noNewPrivileges?: boolean;
  /** What mounts get beyond what LXC gave them; only for a container's first process. */
  readonly mounts?: readonly MountAttributes[];
}

export interface MountAttributes {
  readonly path: string;
  readonly attributes: readonly (keyof typeof MOUNT_ATTRIBUTES)[];
  /** Also what is mounted below. */
  readonly recursive: boolean;
}

/** Bits of mount_setattr(2). */
const MOUNT_ATTRIBUTES = { ro: 1n, nosuid: 2n, nodev: 4n, noexec: 8n } as const;

/** Where PATH is searched when the environment has none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const LAST_CAPABILITY = 40;

/** Opens `path` as descriptor `fd`, whatever was open there. */
export function openAs(asm: Assembler, fd: number, path: string, flags: number, fail: Label): void {
  const opened = asm.cell();
  asm.step("openat", [AT_FDCWD, asm.string(path), flags | O_CLOEXEC, 0], {
    result: opened,
    onError: fail,
    purpose: purpose("open the standard streams"),
  });
  becomeStream(asm, opened, fd);
}

/** `opened` as descriptor `fd`, which stays open at execve. */
export function becomeStream(asm: Assembler, opened: Cell, fd: number): void {
  asm.step("dup3", [opened, fd, 0]); // EINVAL: it was opened as fd itself
  asm.step("fcntl", [fd, F_SETFD, 0]);
}

/** Standard output and error to append-only files, or to pipes. */
export function redirectOutput(asm: Assembler, stdout: string, stderr: string, fail: Label): void {
  openAs(asm, 1, stdout, O_WRONLY | O_APPEND, fail);
  openAs(asm, 2, stderr, O_WRONLY | O_APPEND, fail);
}

/** Working directory (made where it is missing), ids and capabilities, then execve by PATH. Jumps to `fail`. */
export function becomeApp(asm: Assembler, spec: ProcessSpec, fail: Label): void {
  asm.step("close_range", [3, 0xffffffff, CLOSE_RANGE_CLOEXEC]);
  const inside = asm.label("working directory reached as root");
  makeDirectories(asm, spec.cwd);
  setMountAttributes(asm, spec, fail);
  const cwd = asm.string(spec.cwd);
  asm.step("chdir", [cwd], { onSuccess: inside });
  changeIds(asm, spec, fail);
  // a directory that only the user may enter
  asm.step("chdir", [cwd], { onError: fail, purpose: purpose("change to the working directory") });
  const run = asm.label("run");
  asm.step("umask", [0o022], { onSuccess: run });
  asm.place(inside);
  changeIds(asm, spec, fail);
  asm.step("umask", [0o022]);
  asm.place(run);
  executeByPath(asm, spec, fail);
}

/**
 * After LXC has made all mount points, so that the image needs none of them. Other attributes of the mounts stay, which a
 * remount could not promise.
 */
function setMountAttributes(asm: Assembler, spec: ProcessSpec, fail: Label): void {
  for (const { path, attributes, recursive } of spec.mounts ?? []) {
    const set = attributes.reduce((bits, name) => bits | MOUNT_ATTRIBUTES[name], 0n);
    const argument = Buffer.alloc(32);
    argument.writeBigUInt64LE(set, 0);
    const flags = recursive ? AT_RECURSIVE : 0;
    asm.step("mount_setattr", [AT_FDCWD, asm.string(path), flags, asm.bytes(argument), argument.length], {
      onError: fail,
      purpose: purpose("set a mount's attributes"),
    });
  }
}

function makeDirectories(asm: Assembler, path: string): void {
  const parts = path.split("/").filter((part) => part !== "");
  parts.forEach((_, index) => {
    asm.step("mkdirat", [AT_FDCWD, asm.string(`/${parts.slice(0, index + 1).join("/")}`), 0o755]);
  });
}

/**
 * At execve the kernel gives root what the bounding set holds, and anybody else nothing: so dropping from that set is all there
 * is to do about capabilities.
 */
function changeIds(asm: Assembler, spec: ProcessSpec, fail: Label): void {
  const kept = spec.capabilities;
  if (kept) {
    for (let capability = 0; capability <= LAST_CAPABILITY; capability++) {
      if (!kept.has(capability) && !spec.bounding?.has(capability))
        asm.step("prctl", [PR_CAPBSET_DROP, capability, 0, 0, 0]);
    }
  }
  const groups = Buffer.from(Uint32Array.from(spec.groups).buffer);
  // without groups of its own a process needs no right to set any, and LXC may have taken that right already
  const extraGroups = spec.uid !== 0 && spec.groups.some((group) => group !== spec.gid);
  asm.step("setgroups", [spec.groups.length, asm.bytes(groups)], {
    ...(extraGroups && { onError: fail }),
    purpose: purpose("set the supplementary groups"),
  });
  asm.step("setresgid", [spec.gid, spec.gid, spec.gid], { onError: fail, purpose: purpose("set the group id") });
  asm.step("setresuid", [spec.uid, spec.uid, spec.uid], { onError: fail, purpose: purpose("set the user id") });
  if (spec.noNewPrivileges) {
    asm.step("prctl", [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0], { onError: fail, purpose: purpose("set no_new_privs") });
  }
}

function executeByPath(asm: Assembler, spec: ProcessSpec, fail: Label): void {
  const argv = asm.strings(spec.argv);
  const envp = asm.strings(spec.env);
  const candidates = searchPath(spec.argv[0] ?? "", spec.env);
  candidates.forEach((candidate, index) => {
    const last = index === candidates.length - 1;
    asm.step("execve", [asm.string(candidate), argv, envp], {
      ...(last && { onError: fail }),
      purpose: purpose("run the command"),
    });
  });
}

/** The files that execve is tried on: the name itself if it has a slash, else the name in each directory of PATH. */
export function searchPath(command: string | Uint8Array, env: readonly (string | Uint8Array)[]): Buffer[] {
  const name = Buffer.from(command);
  if (name.includes("/")) return [name];
  const path = env.findLast((entry) => Buffer.from(entry).subarray(0, 5).equals(Buffer.from("PATH=")));
  const directories = Buffer.from(path ?? `PATH=${DEFAULT_PATH}`)
    .subarray(5)
    .toString("latin1")
    .split(":");
  return directories.map((directory) => Buffer.concat([Buffer.from(`${directory || "."}/`, "latin1"), name]));
}

/** The end of a failed program: report to a socket and to a file, exit 127. */
export function reportFailure(asm: Assembler, socket: Cell | number, file: string): void {
  const opened = asm.cell();
  asm.step("write", [socket, asm.failureAddress, 16]);
  asm.step("openat", [AT_FDCWD, asm.string(file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600], { result: opened });
  asm.step("write", [opened, asm.failureAddress, 16]);
  asm.step("exit_group", [127]);
}
