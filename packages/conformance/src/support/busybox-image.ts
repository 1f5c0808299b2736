/**
 * The image that pods of scenarios and of the demo are made of: busybox with its applets as links, a few users, and the
 * directories that LXC wants. Made for LXD, as a unified image tar.
 */
import { packTar, type TarEntry } from "modern-tar";

/** Those that scenarios may use. Both a static busybox of Debian and the fake LXD's guests have them. */
export const APPLETS = [
  ..."sh ash [ [[ test true false echo printf cat ls cp mv rm mkdir rmdir ln stat touch chmod chown readlink realpath".split(
    " ",
  ),
  ..."head tail wc tr sort uniq cut grep sed seq date env id whoami hostname uname pwd sleep kill ps pidof pgrep".split(
    " ",
  ),
  ..."nc wget httpd ip ping netstat df mount umount dd yes basename dirname mktemp sync nproc tee xargs find od tty top".split(
    " ",
  ),
  ..."md5sum sha256sum base64 usleep expr timeout stty".split(" "),
];

export interface BusyboxImageOptions {
  /** Content of `/bin/busybox`. */
  readonly busybox: Uint8Array<ArrayBuffer>;
  /** As LXD names it: `x86_64`. */
  readonly architecture: string;
  /** Images of different flavours have different fingerprints. */
  readonly flavour: string;
  /** Of its files; default now. With the same moment the image has the same bytes. */
  readonly madeAt?: Date;
  /** What busybox's init does, as in /etc/inittab: makes it a system image. Default: an image of applications, without an init. */
  readonly inittab?: string;
}

const DIRECTORIES = ["bin", "dev", "proc", "sys", "etc", "root", "run", "var", "mnt", "home"];

const PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1234:app:/home:/bin/sh\n";
const GROUP = "root:x:0:\napp:x:1234:\nextra:x:2222:app\n";

export async function busyboxImage(options: BusyboxImageOptions): Promise<Buffer> {
  const entries = [
    file("metadata.yaml", metadata(options)),
    directory("rootfs"),
    ...DIRECTORIES.map((name) => directory(`rootfs/${name}`)),
    directory("rootfs/tmp", 0o1777),
    file("rootfs/bin/busybox", options.busybox, 0o755),
    ...APPLETS.map((name) => link(`rootfs/bin/${name}`, "busybox")),
    file("rootfs/etc/passwd", PASSWD),
    file("rootfs/etc/group", GROUP),
    ...(options.inittab === undefined ? [] : initEntries(options.inittab)),
  ];
  return Buffer.from(await packTar(entries.map((entry) => madeAt(entry, options.madeAt))));
}

function initEntries(inittab: string): TarEntry[] {
  return [directory("rootfs/sbin"), link("rootfs/sbin/init", "../bin/busybox"), file("rootfs/etc/inittab", inittab)];
}

function madeAt({ header, ...rest }: TarEntry, mtime: Date | undefined): TarEntry {
  return { header: { ...header, ...(mtime && { mtime }) }, ...rest };
}

function metadata({ architecture, flavour, inittab }: BusyboxImageOptions): string {
  return [
    `architecture: ${architecture}`,
    "creation_date: 1700000000",
    "properties:",
    `  description: busybox (${flavour})`,
    // without an init it is always an application container
    `  lxe.type: ${inittab === undefined ? "app" : "system"}`,
    "",
  ].join("\n");
}

function file(name: string, body: string | Uint8Array<ArrayBuffer>, mode = 0o644): TarEntry {
  return { header: { name, size: Buffer.byteLength(body), type: "file", mode }, body };
}

function directory(name: string, mode = 0o755): TarEntry {
  return { header: { name: `${name}/`, size: 0, type: "directory", mode } };
}

function link(name: string, linkname: string): TarEntry {
  return { header: { name, size: 0, type: "symlink", linkname, mode: 0o777 } };
}
