/** A minimal busybox-like root file system for demos and tests. */
import { appletNames } from "../applets/registry.ts";
import type { FileTree, RootfsEntry } from "../types.ts";
import { buildTree } from "./tree.ts";

const marker = new TextEncoder().encode("#!/bin/busybox\n");
const sbin = new Set([
  "init",
  "ip",
  "ifconfig",
  "route",
  "sysctl",
  "poweroff",
  "halt",
  "reboot",
  "brctl",
  "udhcpc",
  "getty",
]);

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;

const group = `root:x:0:
daemon:x:1:
tty:x:5:
www-data:x:33:
users:x:100:
nobody:x:65534:
`;

/** Applets as marker files below /bin and /sbin, users and groups, /tmp, an idle /sbin/init. */
export function createBusyboxTree(now: () => number): FileTree {
  return buildTree(busyboxEntries(), now);
}

/** The same as archive entries, for an image. */
export function* busyboxEntries(): Iterable<RootfsEntry> {
  const at = { uid: 0, gid: 0, mtimeMs: 0 };
  const directory = (path: string, mode = 0o755): RootfsEntry => ({ ...at, path, type: "directory", mode });
  const file = (path: string, text: string, mode = 0o644): RootfsEntry => ({
    ...at,
    path,
    type: "file",
    mode,
    data: new TextEncoder().encode(text),
  });
  for (const path of [
    "bin",
    "sbin",
    "usr",
    "usr/bin",
    "usr/sbin",
    "etc",
    "dev",
    "proc",
    "sys",
    "run",
    "var",
    "var/log",
    "var/www",
    "home",
    "mnt",
    "opt",
  ])
    yield directory(path);
  yield directory("root", 0o700);
  yield directory("tmp", 0o1777);
  yield directory("var/tmp", 0o1777);
  yield { ...at, path: "var/run", type: "symlink", mode: 0o777, linkTarget: "../run" };
  yield { ...at, path: "bin/busybox", type: "file", mode: 0o755, data: marker };
  for (const name of appletNames()) {
    if (name === "busybox" || name === "bash" || name === "dash") continue;
    yield {
      ...at,
      path: `${sbin.has(name) ? "sbin" : "bin"}/${name}`,
      type: "hardlink",
      mode: 0o755,
      linkTarget: "bin/busybox",
    };
  }
  yield { ...at, path: "usr/bin/env", type: "hardlink", mode: 0o755, linkTarget: "bin/busybox" };
  yield file("etc/passwd", passwd);
  yield file("etc/group", group);
  yield file("etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
  yield file("etc/hostname", "localhost\n");
  yield file("etc/resolv.conf", "");
  yield file("etc/os-release", 'NAME="fake busybox"\nID=busybox\nVERSION_ID=1\nPRETTY_NAME="fake busybox"\n');
  yield file("etc/shells", "/bin/sh\n");
}
