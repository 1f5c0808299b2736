/** What a list of LXC lines amounts to: scalars by the last line, lists in order, an empty value clears. */
import type { LxcLine } from "./lines.ts";
import { hostMounts } from "./base.ts";
import { type MountEntry, parseMountEntry } from "./mount-entry.ts";
import { parseSignal } from "./signals.ts";

export type SharedNamespace = "net" | "ipc" | "uts" | "pid" | "user";
const sharedNamespaces: readonly SharedNamespace[] = ["net", "ipc", "uts", "pid", "user"];

export interface LxcNetwork {
  addresses: string[];
  gateway: string | undefined;
}

export interface LxcSettings {
  initArgv: string[];
  uid: number;
  gid: number;
  cwd: string;
  hostname: string;
  environment: Record<string, string>;
  capKeep: string[] | undefined;
  capDrop: string[];
  noNewPrivs: boolean;
  /** Empty: no seccomp filter. */
  seccompProfile: string;
  apparmorProfile: string | undefined;
  console: "pty" | "none";
  /** The monitor's copy of what the console shows; `limitBytes` 0: no limit. */
  consoleLog: { path: string; limitBytes: number };
  haltSignal: number | undefined;
  stopSignal: number;
  /** Only from `info` on does the log say how init ended. */
  logsExit: boolean;
  share: Partial<Record<SharedNamespace, string>>;
  mounts: MountEntry[];
  sysctls: Record<string, string>;
  oomScoreAdj: number | undefined;
  rootfsReadonly: boolean;
  cgroupPath: string | undefined;
  /** By the index of the nic in lxc.conf. */
  networks: Map<number, LxcNetwork>;
  cgroup: Record<string, string>;
  hasStopHook: boolean;
}

/** `auto` is 128 KiB; other sizes than none are not needed. */
function consoleLimit(size: string | undefined): number {
  return size === "auto" ? 128 * 1024 : 0;
}

class Lines {
  readonly #lines: readonly LxcLine[];
  readonly #values = new Map<string, string[]>();

  constructor(lines: readonly LxcLine[]) {
    this.#lines = lines;
    for (const { key, value } of lines) {
      const values = this.#values.get(key);
      if (values === undefined) this.#values.set(key, [value]);
      else values.push(value);
    }
  }

  last(key: string): string | undefined {
    return this.#values.get(key)?.at(-1);
  }

  /** Values since the last empty one. */
  all(key: string): string[] {
    const values = this.#values.get(key) ?? [];
    return values.slice(values.lastIndexOf("") + 1);
  }

  /** `prefix.name` -> value. */
  family(prefix: string): [name: string, value: string][] {
    return this.#lines
      .filter((line) => line.key.startsWith(prefix))
      .map((line) => [line.key.slice(prefix.length), line.value]);
  }
}

/** Those that every container has. */
const ofHost: ReadonlyMap<string, MountEntry | null> = new Map(hostMounts.map((line) => [line, parseMountEntry(line)]));

function numberOr(text: string | undefined, fallback: number): number {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? fallback : number;
}

/** `A=b` lines; a value may contain anything. */
function environmentOf(lines: Lines): Record<string, string> {
  const pairs = lines.all("lxc.environment").map((value): [string, string] => {
    const equals = value.indexOf("=");
    return [value.slice(0, equals), value.slice(equals + 1)];
  });
  return Object.fromEntries(pairs);
}

function networksOf(lines: Lines): Map<number, LxcNetwork> {
  const networks = new Map<number, LxcNetwork>();
  for (const [name, value] of lines.family("lxc.net.")) {
    const [, index, kind] = /^(\d+)\.ipv[46]\.(address|gateway)$/.exec(name) ?? [];
    if (index === undefined) continue;
    const network = networks.get(Number(index)) ?? { addresses: [], gateway: undefined };
    if (kind === "address") network.addresses.push(value.split(" ", 1)[0] ?? "");
    else if (value !== "" && value !== "auto" && value !== "dev") network.gateway = value;
    networks.set(Number(index), network);
  }
  return networks;
}

function shareOf(lines: Lines): LxcSettings["share"] {
  const share: LxcSettings["share"] = {};
  for (const name of sharedNamespaces) {
    const value = lines.last(`lxc.namespace.share.${name}`);
    if (value !== undefined && value !== "") share[name] = value;
  }
  return share;
}

const words = (values: string[]) => values.flatMap((value) => value.split(/\s+/)).filter((word) => word !== "");

function capKeepOf(lines: Lines): string[] | undefined {
  const keep = words(lines.all("lxc.cap.keep"));
  if (keep.length === 0) return undefined;
  return keep.filter((name) => name !== "none");
}

function cgroupPathOf(lines: Lines, name: string): string | undefined {
  const container = lines.last("lxc.cgroup.dir.container");
  if (container !== undefined && container !== "") return container;
  const parent = lines.last("lxc.cgroup.dir");
  return parent === undefined || parent === "" ? undefined : `${parent}/lxc.payload.${name}`;
}

export function interpretLines(input: readonly LxcLine[], name: string): LxcSettings {
  const lines = new Lines(input);
  const level = (lines.last("lxc.log.level") ?? "").toLowerCase();
  return {
    // liblxc 5.0.2 splits on blanks; quotes mean nothing to it.
    initArgv: (lines.last("lxc.init.cmd") || "/sbin/init").split(/\s+/).filter((word) => word !== ""),
    uid: numberOr(lines.last("lxc.init.uid"), 0),
    gid: numberOr(lines.last("lxc.init.gid"), 0),
    cwd: lines.last("lxc.init.cwd") || "/",
    hostname: lines.last("lxc.uts.name") || name,
    environment: environmentOf(lines),
    capKeep: capKeepOf(lines),
    capDrop: words(lines.all("lxc.cap.drop")),
    noNewPrivs: lines.last("lxc.no_new_privs") === "1",
    seccompProfile: lines.last("lxc.seccomp.profile") ?? "",
    apparmorProfile: lines.last("lxc.apparmor.profile") || undefined,
    console: lines.last("lxc.console.path") === "none" ? "none" : "pty",
    consoleLog: {
      path: lines.last("lxc.console.logfile") ?? "",
      limitBytes: consoleLimit(lines.last("lxc.console.size")),
    },
    haltSignal: parseSignal(lines.last("lxc.signal.halt") ?? ""),
    stopSignal: parseSignal(lines.last("lxc.signal.stop") ?? "") ?? 9,
    logsExit: ["trace", "debug", "info", "0", "1", "2"].includes(level),
    share: shareOf(lines),
    mounts: lines.all("lxc.mount.entry").flatMap((value) => ofHost.get(value) ?? parseMountEntry(value) ?? []),
    sysctls: Object.fromEntries(lines.family("lxc.sysctl.")),
    oomScoreAdj: lines.last("lxc.proc.oom_score_adj") ? numberOr(lines.last("lxc.proc.oom_score_adj"), 0) : undefined,
    rootfsReadonly: (lines.last("lxc.rootfs.options") ?? "").split(",").includes("ro"),
    cgroupPath: cgroupPathOf(lines, name),
    networks: networksOf(lines),
    cgroup: Object.fromEntries([...lines.family("lxc.cgroup."), ...lines.family("lxc.cgroup2.")]),
    hasStopHook: lines.all("lxc.hook.stop").length > 0,
  };
}
