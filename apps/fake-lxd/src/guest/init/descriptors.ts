/** fcntl and ioctl of init programs. */
import { Errno } from "../core/errno.ts";
import { O_ACCMODE, O_APPEND, O_NONBLOCK } from "../core/open-file.ts";
import { type InitCall, int } from "./arguments.ts";

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
const tiocnotty = 0x5422;

/** Only what makes a terminal the controlling one. */
export const ioctl: InitCall = (process, [fd, request]) => {
  const { tty } = process.fds.get(int(fd));
  if (!tty) throw new Errno("ENOTTY");
  const { session } = process.group;
  switch (Number(BigInt.asUintN(32, request ?? 0n))) {
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
};
