/** Contents of the files below /proc/<pid>. */
import { signalsMask } from "../core/signal-mask.ts";
import { O_ACCMODE } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import type { Mount } from "./mount.ts";

export function stateLetter(process: Process): string {
  if (process.dead) return "Z";
  return process.stopped ? "T" : process.cgroup.frozen ? "D" : "S";
}

export function cmdline(process: Process): string {
  return process.dead ? "" : process.argv.map((word) => `${word}\0`).join("");
}

export function environ(process: Process): string {
  return [...process.env].map(([name, value]) => `${name}=${value}\0`).join("");
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

export function status(process: Process, viewer: Process): string {
  const { credentials: ids, capabilities: caps } = process;
  const pid = process.pidIn(viewer.namespaces);
  const parent = process.parent?.pidIn(viewer.namespaces) ?? 0;
  const lines = [
    ["Name", process.comm],
    ["Umask", `0${process.umask.toString(8).padStart(3, "0")}`],
    ["State", stateText(process)],
    ["Tgid", pid],
    ["Ngid", 0],
    ["Pid", pid],
    ["PPid", parent],
    ["TracerPid", 0],
    ["Uid", [ids.uid, ids.euid, ids.suid, ids.euid].join("\t")],
    ["Gid", [ids.gid, ids.egid, ids.sgid, ids.egid].join("\t")],
    ["FDSize", 64],
    ["Groups", `${ids.groups.join(" ")} `],
    ["NSpid", pid],
    ["VmRSS", `${Math.ceil((640 * 1024 + process.allocatedBytes) / 1024)} kB`],
    ["Threads", 1],
    ["SigIgn", hex(signalsMask(process.signalsWith("ignore")))],
    ["SigCgt", hex(signalsMask(process.signalsWith("handler")))],
    ["CapInh", hex(caps.inheritable)],
    ["CapPrm", hex(caps.permitted)],
    ["CapEff", hex(caps.effective)],
    ["CapBnd", hex(caps.bounding)],
    ["CapAmb", hex(caps.ambient)],
    ["NoNewPrivs", process.noNewPrivs ? 1 : 0],
    ["Seccomp", process.seccomp ? 2 : 0],
    ["Seccomp_filters", process.seccomp ? 1 : 0],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join("");
}

function stateText(process: Process): string {
  const letter = stateLetter(process);
  const texts: Record<string, string> = { Z: "Z (zombie)", T: "T (stopped)", D: "D (disk sleep)" };
  return texts[letter] ?? "S (sleeping)";
}

export function statLine(process: Process, viewer: Process): string {
  const { namespaces } = viewer;
  const group = process.group.leader.pidIn(namespaces);
  const session = process.group.session.leader.pidIn(namespaces);
  const started = Math.max(0, Math.round((process.startMs - process.machine.bootMs) / 10));
  const parent = process.parent?.pidIn(namespaces) ?? 0;
  const head = [process.pidIn(namespaces), `(${process.comm})`, stateLetter(process), parent, group, session];
  return `${[...head, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 1, 0, started, 1_310_720, 160, ...Array.from({ length: 28 }, () => 0)].join(" ")}\n`;
}

export function statm(process: Process): string {
  const pages = Math.ceil((640 * 1024 + process.allocatedBytes) / 4096);
  return `${pages * 2} ${pages} ${pages} 200 0 ${pages} 0\n`;
}

export function cgroupText(process: Process): string {
  return `0::/${process.cgroup.path.replace(/^\//, "")}\n`;
}

/** Blanks and backslashes of paths are octal there. */
function escaped(text: string): string {
  return text.replaceAll(/[\\ \t\n]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

function mountOptions(mount: Mount): string {
  const shown = mount.options.filter(
    (one) => ["nosuid", "nodev", "noexec", "relatime", "noatime"].includes(one) || /^(size|mode)=/.test(one),
  );
  return [mount.readonly ? "ro" : "rw", ...shown].join(",");
}

export function mountsText(process: Process): string {
  return process.mounts
    .list()
    .map((mount) => `${escaped(mount.source)} ${escaped(mount.path)} ${mount.fs.type} ${mountOptions(mount)} 0 0\n`)
    .join("");
}

export function mountinfo(process: Process): string {
  return process.mounts
    .list()
    .map((mount) => {
      const parent = mount.at ? mount.at.mount.id + 20 : 1;
      const root = mount.fs.hostPath ? escaped(String(mount.root)) : "/";
      const options = mountOptions(mount);
      return `${mount.id + 20} ${parent} 0:${mount.id + 30} ${root} ${escaped(mount.path)} ${options} - ${mount.fs.type} ${escaped(mount.source)} ${mount.readonly ? "ro" : "rw"}\n`;
    })
    .join("");
}

export function idMap(process: Process): string {
  const { base, size } = process.namespaces.user;
  return `${"0".padStart(10)} ${String(base).padStart(10)} ${String(size).padStart(10)}\n`;
}

export function fdInfo(process: Process, fd: number): string {
  const file = process.fds.find(fd);
  return `pos:\t0\nflags:\t0${((file?.flags ?? 0) & ~O_ACCMODE).toString(8)}${(file?.flags ?? 0) & O_ACCMODE}\nmnt_id:\t20\n`;
}
