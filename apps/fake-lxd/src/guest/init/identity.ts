/** Calls of init programs that change who the process is and what it may do. */
import { has } from "../core/capabilities.ts";
import { Errno } from "../core/errno.ts";
import type { Process } from "../core/process.ts";
import type { InitImage } from "./image.ts";
import type { InitCall } from "./arguments.ts";

const unchanged = 0xffff_ffff;

function id(value: bigint | undefined): number | undefined {
  const number = Number(BigInt.asUintN(32, value ?? 0n));
  return number === unchanged ? undefined : number;
}

export const setgroups: InitCall = (process, [count, list], image) => {
  if (!has(process.capabilities, "setgid")) throw new Errno("EPERM");
  const groups = Array.from({ length: Number(count) }, (_, index) =>
    image.memory.u32((list ?? 0n) + BigInt(index * 4)),
  );
  // the kernel keeps them in order
  process.credentials = { ...process.credentials, groups: groups.toSorted((a, b) => a - b) };
  return 0;
};

export const setresgid: InitCall = (process, [real, effective, saved]) => {
  const before = process.credentials;
  const wanted = [id(real), id(effective), id(saved)];
  requireIds(process, wanted, [before.gid, before.egid, before.sgid], "setgid");
  process.credentials = {
    ...before,
    gid: wanted[0] ?? before.gid,
    egid: wanted[1] ?? before.egid,
    sgid: wanted[2] ?? before.sgid,
  };
  return 0;
};

/** Without root's ids no capability stays permitted or effective, unless PR_SET_KEEPCAPS says otherwise. */
export const setresuid: InitCall = (process, [real, effective, saved]) => {
  const before = process.credentials;
  const wanted = [id(real), id(effective), id(saved)];
  requireIds(process, wanted, [before.uid, before.euid, before.suid], "setuid");
  const after = {
    ...before,
    uid: wanted[0] ?? before.uid,
    euid: wanted[1] ?? before.euid,
    suid: wanted[2] ?? before.suid,
  };
  process.credentials = after;
  if (before.euid === 0 && after.euid !== 0) {
    const keep = keepers.has(process);
    const { capabilities } = process;
    const permitted = keep || [after.uid, after.euid, after.suid].includes(0) ? capabilities.permitted : 0n;
    process.capabilities = { ...capabilities, permitted, effective: 0n, ambient: keep ? capabilities.ambient : 0n };
  }
  return 0;
};

function requireIds(process: Process, wanted: (number | undefined)[], held: number[], capability: string): void {
  const allowed =
    has(process.capabilities, capability) || wanted.every((one) => one === undefined || held.includes(one));
  if (!allowed) throw new Errno("EPERM");
}

/** Processes that asked for PR_SET_KEEPCAPS. */
const keepers = new WeakSet<Process>();

const prSetPdeathsig = 1;
const prSetDumpable = 4;
const prSetKeepcaps = 8;
const prSetName = 15;
const prCapbsetRead = 23;
const prCapbsetDrop = 24;
const prSetNoNewPrivs = 38;
const prSetChildSubreaper = 36;
const prCapAmbient = 47;

export const prctl: InitCall = (process, args, image) => {
  const [option = 0n, value = 0n] = args;
  switch (Number(option)) {
    case prSetPdeathsig:
    case prSetDumpable:
    case prSetChildSubreaper:
      return 0;
    case prSetKeepcaps:
      if (value) keepers.add(process);
      else keepers.delete(process);
      return 0;
    case prSetName:
      process.comm = image.memory.text(value).slice(0, 15);
      return 0;
    case prCapbsetRead:
      return process.capabilities.bounding & (1n << value) ? 1 : 0;
    case prCapbsetDrop:
      return dropBounding(process, value);
    case prSetNoNewPrivs:
      if (value !== 1n) throw new Errno("EINVAL");
      process.noNewPrivs = true;
      return 0;
    case prCapAmbient:
      return ambient(process, Number(value), args[2] ?? 0n);
    default:
      throw new Errno("EINVAL");
  }
};

/** The kernel knows 41 capabilities; programs that try them all stop at EINVAL. */
const lastCapability = 40n;

function dropBounding(process: Process, capability: bigint): number {
  if (capability > lastCapability) throw new Errno("EINVAL");
  if (!has(process.capabilities, "setpcap")) throw new Errno("EPERM");
  process.capabilities = { ...process.capabilities, bounding: process.capabilities.bounding & ~(1n << capability) };
  return 0;
}

function ambient(process: Process, operation: number, capability: bigint): number {
  const { capabilities } = process;
  const bit = 1n << capability;
  switch (operation) {
    case 1:
      return capabilities.ambient & bit ? 1 : 0;
    case 2:
      if (!(capabilities.permitted & capabilities.inheritable & bit)) throw new Errno("EPERM");
      process.capabilities = { ...capabilities, ambient: capabilities.ambient | bit };
      return 0;
    case 3:
      process.capabilities = { ...capabilities, ambient: capabilities.ambient & ~bit };
      return 0;
    case 4:
      process.capabilities = { ...capabilities, ambient: 0n };
      return 0;
    default:
      throw new Errno("EINVAL");
  }
}

/** Version 3 only: two 32-bit halves of effective, permitted, inheritable. */
export const capset: InitCall = (process, [header, data], image) => {
  if (image.memory.u32(header ?? 0n) !== 0x2008_0522) throw new Errno("EINVAL");
  const [effective, permitted, inheritable] = readSets(image, data ?? 0n);
  const { capabilities } = process;
  const grown = permitted & ~capabilities.permitted;
  const inheritableAllowed = capabilities.inheritable | capabilities.permitted | capabilities.bounding;
  if (grown || effective & ~permitted || inheritable & ~inheritableAllowed) throw new Errno("EPERM");
  process.capabilities = {
    ...capabilities,
    effective,
    permitted,
    inheritable,
    ambient: capabilities.ambient & permitted & inheritable,
  };
  return 0;
};

function readSets(image: InitImage, data: bigint): [bigint, bigint, bigint] {
  const set = (index: bigint) =>
    BigInt(image.memory.u32(data + index * 4n)) | (BigInt(image.memory.u32(data + 12n + index * 4n)) << 32n);
  return [set(0n), set(1n), set(2n)];
}
