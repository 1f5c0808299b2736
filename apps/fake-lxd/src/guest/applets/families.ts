/** Which applets there are. */
import { awk } from "./awk.ts";
import * as binary from "./binary.ts";
import { cat } from "./cat.ts";
import { cp, mv } from "./copy.ts";
import { diff } from "./diff.ts";
import { echo } from "./echo.ts";
import { expr } from "./expr.ts";
import * as files from "./files.ts";
import { find } from "./find.ts";
import { grep } from "./grep.ts";
import { getent, groups, id, su, whoami } from "./identity.ts";
import { init } from "./init.ts";
import * as inspect from "./inspect.ts";
import type { Applet } from "./lib/applet.ts";
import { ls } from "./ls.ts";
import { httpd } from "./net/httpd.ts";
import * as interfaces from "./net/interfaces.ts";
import { nc } from "./net/nc.ts";
import { netstat, nslookup, ping } from "./net/tools.ts";
import { wget } from "./net/wget.ts";
import { printf } from "./printf.ts";
import * as processes from "./processes.ts";
import { sed } from "./sed.ts";
import { sh } from "./sh.ts";
import * as simple from "./simple.ts";
import * as system from "./system.ts";
import { tail } from "./tail.ts";
import { bracket, doubleBracket, test } from "./test.ts";
import * as text from "./text.ts";
import { free, top, uptime } from "./top.ts";

const shells = { sh, ash: sh, bash: sh, dash: sh, init };

const basics = {
  cat,
  echo,
  printf,
  test,
  "[": bracket,
  "[[": doubleBracket,
  expr,
  true: simple.trueApplet,
  false: simple.falseApplet,
  sleep: simple.sleep,
  usleep: simple.usleep,
  yes: simple.yes,
  seq: simple.seq,
  basename: simple.basename,
  dirname: simple.dirname,
  pwd: simple.pwd,
  clear: simple.clear,
  sync: simple.sync,
  nproc: simple.nproc,
  tty: simple.tty,
};

const filesAndDirectories = {
  ls,
  cp,
  mv,
  find,
  touch: files.touch,
  mkdir: files.mkdir,
  rmdir: files.rmdir,
  rm: files.rm,
  ln: files.ln,
  mkfifo: files.mkfifo,
  mknod: files.mknod,
  truncate: files.truncate,
  chmod: files.chmod,
  chown: files.chown,
  chgrp: files.chown,
  stat: inspect.stat,
  readlink: inspect.readlink,
  realpath: inspect.realpath,
  which: inspect.which,
  du: inspect.du,
  df: inspect.df,
  mktemp: inspect.mktemp,
};

const filters = {
  awk,
  grep,
  egrep: grep,
  fgrep: grep,
  sed,
  tail,
  diff,
  head: text.head,
  wc: text.wc,
  tr: text.tr,
  sort: text.sort,
  uniq: text.uniq,
  cut: text.cut,
  tee: text.tee,
  tac: text.tac,
  rev: text.rev,
  nl: text.nl,
  paste: text.paste,
  fold: text.fold,
  strings: text.strings,
  dd: binary.dd,
  base64: binary.base64,
  md5sum: binary.md5sum,
  sha1sum: binary.sha1sum,
  sha256sum: binary.sha256sum,
  sha512sum: binary.sha512sum,
  cmp: binary.cmp,
  od: binary.od,
  hexdump: binary.hexdump,
};

const aboutProcesses = {
  ps: processes.ps,
  kill: processes.kill,
  killall: processes.killall,
  pidof: processes.pidof,
  pgrep: processes.pgrep,
  pkill: processes.pkill,
  env: processes.env,
  printenv: processes.printenv,
  nohup: processes.nohup,
  setsid: processes.setsid,
  nice: processes.nice,
  chroot: processes.chroot,
  timeout: processes.timeout,
  time: processes.time,
  watch: processes.watch,
  xargs: processes.xargs,
  top,
  uptime,
  free,
};

const aboutTheSystem = {
  id,
  whoami,
  groups,
  su,
  getent,
  date: system.date,
  hostname: system.hostname,
  uname: system.uname,
  arch: system.arch,
  mount: system.mount,
  umount: system.umount,
  sysctl: system.sysctl,
  stty: system.stty,
  dmesg: system.dmesg,
  ipcs: system.ipcs,
  poweroff: system.shutdown,
  halt: system.shutdown,
  reboot: system.shutdown,
  logger: system.logger,
};

const network = {
  nc,
  netcat: nc,
  wget,
  httpd,
  ping,
  nslookup,
  netstat,
  ip: interfaces.ip,
  ifconfig: interfaces.ifconfig,
  route: interfaces.route,
  brctl: interfaces.brctl,
  udhcpc: interfaces.udhcpc,
};

export const families: Record<string, Applet> = {
  ...shells,
  ...basics,
  ...filesAndDirectories,
  ...filters,
  ...aboutProcesses,
  ...aboutTheSystem,
  ...network,
};
