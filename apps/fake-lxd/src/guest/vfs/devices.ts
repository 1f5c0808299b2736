/** Character devices: null, zero, full, random, urandom, tty, console, ptmx. */
import { Errno } from "../core/errno.ts";
import { OpenFile, type Sleeper } from "../core/open-file.ts";
import { PtyMaster } from "../core/pty.ts";
import type { Tty } from "../core/tty.ts";
import { type Asker, modeOf, type Stat } from "./types.ts";

export const deviceNumbers = {
  null: 1 * 256 + 3,
  zero: 1 * 256 + 5,
  full: 1 * 256 + 7,
  random: 1 * 256 + 8,
  urandom: 1 * 256 + 9,
  tty: 5 * 256 + 0,
  console: 5 * 256 + 1,
  ptmx: 5 * 256 + 2,
} as const;

export function openDevice(rdev: number, flags: number, asker: Asker): OpenFile {
  switch (rdev) {
    case deviceNumbers.null:
      return new Device(rdev, flags, () => Buffer.alloc(0));
    case deviceNumbers.zero:
    case deviceNumbers.full:
      return new Device(rdev, flags, (max) => Buffer.alloc(max));
    case deviceNumbers.random:
    case deviceNumbers.urandom:
      return new Device(rdev, flags, (max) => asker?.machine.randomBytes(max) ?? Buffer.alloc(max));
    case deviceNumbers.tty:
      return openTerminal(asker?.group.session.tty, flags);
    case deviceNumbers.console:
      return openTerminal(asker?.cgroup.console, flags);
    case deviceNumbers.ptmx:
      if (!asker) throw new Errno("ENXIO");
      return new PtyMaster(asker.machine.newTerminalName(), flags);
    default:
      throw new Errno("ENXIO");
  }
}

function openTerminal(tty: Tty | null | undefined, flags: number): OpenFile {
  if (!tty) throw new Errno("ENXIO");
  return tty.open(flags);
}

class Device extends OpenFile {
  readonly #rdev: number;
  readonly #fill: (max: number) => Buffer;

  constructor(rdev: number, flags: number, fill: (max: number) => Buffer) {
    super(flags);
    this.#rdev = rdev;
    this.#fill = fill;
  }

  async read(_sleeper: Sleeper, max: number): Promise<Buffer> {
    return this.#fill(max);
  }

  async write(_sleeper: Sleeper, data: Buffer): Promise<number> {
    if (this.#rdev === deviceNumbers.full) throw new Errno("ENOSPC");
    return data.length;
  }

  stat(): Stat {
    const times = { mtimeMs: 0, ctimeMs: 0, atimeMs: 0 };
    return {
      dev: 6,
      ino: this.#rdev,
      mode: modeOf("character-device", 0o666),
      nlink: 1,
      uid: 0,
      gid: 0,
      rdev: this.#rdev,
      size: 0,
      ...times,
    };
  }

  override seek(): number {
    return 0;
  }

  override truncate(): void {}
}

/** /dev/null for those who have no other stdin, stdout or stderr. */
export function nullDevice(flags: number): OpenFile {
  return openDevice(deviceNumbers.null, flags, undefined);
}
