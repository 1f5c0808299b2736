/** fcntl, ioctl and fchown of init programs. */
import { Errno } from "../core/errno.ts";
import { O_ACCMODE, O_APPEND, O_CLOEXEC, O_NONBLOCK } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { PtyMaster } from "../core/pty.ts";
import type { Tty } from "../core/tty.ts";
import { type InitCall, int, pointer } from "./arguments.ts";

const fDupfd = 0;
const fGetfd = 1;
const fSetfd = 2;
const fGetfl = 3;
const fSetfl = 4;
const fDupfdCloexec = 1030;

export const fcntl: InitCall = (process, [fdArg, command, argument]) => {
  const fd = int(fdArg);
  const file = process.fds.get(fd);
  switch (int(command)) {
    case fDupfd:
    case fDupfdCloexec:
      return process.fds.add(file, int(command) === fDupfdCloexec, int(argument));
    case fGetfd:
      return process.fds.closesOnExec(fd) ? 1 : 0;
    case fSetfd:
      process.fds.setCloseOnExec(fd, (int(argument) & 1) !== 0);
      return 0;
    case fGetfl:
      return file.flags;
    case fSetfl:
      file.flags =
        (file.flags & ~(O_APPEND | O_NONBLOCK)) | (int(argument) & (O_APPEND | O_NONBLOCK)) | (file.flags & O_ACCMODE);
      return 0;
    default:
      throw new Errno("EINVAL");
  }
};

const tiocsctty = 0x540e;
const tiocspgrp = 0x5410;
const tiocswinsz = 0x5414;
const tiocnotty = 0x5422;
const tiocsptlck = 0x40045431;
const tiocgptpeer = 0x5441;

/** Only what opens a terminal, makes it the controlling one, and sets its size. */
export const ioctl: InitCall = (process, [fd, request, argument], image) => {
  const file = process.fds.get(int(fd));
  const command = Number(BigInt.asUintN(32, request ?? 0n));
  if (file instanceof PtyMaster) {
    // a terminal of the fake's is never locked
    if (command === tiocsptlck) return 0;
    if (command === tiocgptpeer) return openPeer(process, file, int(argument));
  }
  const tty = file instanceof PtyMaster ? file.slave : file.tty;
  if (!tty) throw new Errno("ENOTTY");
  if (command === tiocswinsz) {
    const size = image.memory.bytes(pointer(argument), 8);
    tty.resize(size.readUInt16LE(2), size.readUInt16LE(0));
    return 0;
  }
  return control(process, tty, command);
};

function openPeer(process: Process, master: PtyMaster, flags: number): number {
  return process.fds.add(master.slave.open(flags), (flags & O_CLOEXEC) !== 0);
}

function control(process: Process, tty: Tty, command: number): number {
  const { session } = process.group;
  switch (command) {
    case tiocsctty:
      if (session.leader !== process) throw new Errno("EPERM");
      session.tty = tty;
      tty.session = session;
      tty.foreground = process.group;
      return 0;
    case tiocspgrp:
      tty.foreground = process.group;
      return 0;
    case tiocnotty:
      session.tty = undefined;
      return 0;
    default:
      throw new Errno("EINVAL");
  }
}

/** Of what has no owner that a guest could see: a terminal. */
export const fchown: InitCall = (process, [fd]) => {
  if (!process.fds.get(int(fd)).tty) throw new Errno("ENOSYS");
  return 0;
};
