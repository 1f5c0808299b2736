/** What the translation of a pod and of a container takes, complete, with what a test is about replaced. */

import { ContainerConfig, type DeepPartial, PodSandboxConfig } from "@lxe/cri";
import type { InstancesPost } from "@lxe/lxd-client";
import { containerRecord, sandboxRecord } from "../../model/testing/records.ts";
import type { NodeFacts } from "../../node.ts";
import { StatePaths } from "../../store/paths.ts";
import type { ContainerInput } from "../container-instance.ts";
import type { SandboxInput } from "../sandbox-instance.ts";

export type PodConfig = DeepPartial<PodSandboxConfig>;
export type AppConfig = DeepPartial<ContainerConfig>;

const PATHS = new StatePaths("/state");

export const NODE: NodeFacts = {
  server: "lxd 5.0.2",
  driverVersion: "5.0.2",
  guestApiKey: "security.devlxd",
  architecture: "x86_64",
  hostPid: 4711,
  cgroupVersion: 2,
  oomScoreAdjMin: -1000,
  limitsSwap: false,
  apparmor: true,
  selinux: false,
  ipv6: true,
  pool: "default",
  profiles: ["default"],
  masks: { eth0: { type: "none" } },
  hostname: "node-1",
  noSharedUserNamespace: undefined,
};

export function podConfig(config: PodConfig = {}): PodSandboxConfig {
  return PodSandboxConfig.fromPartial({ metadata: { name: "web", namespace: "default", uid: "u1" }, ...config });
}

export function appConfig(config: AppConfig = {}): ContainerConfig {
  return ContainerConfig.fromPartial({ metadata: { name: "app" }, image: { image: "busybox" }, ...config });
}

export function sandboxInput(config: PodConfig = {}, changes: Partial<SandboxInput> = {}): SandboxInput {
  return {
    record: sandboxRecord({ config: podConfig(config) }),
    network: { addresses: ["10.0.0.7"], devices: { eth0: { type: "nic" } }, raw: [] },
    node: NODE,
    seccomp: undefined,
    image: "f".repeat(64),
    paths: PATHS.pod("web-1"),
    ...changes,
  };
}

export function containerInput(config: AppConfig = {}, changes: Partial<ContainerInput> = {}): ContainerInput {
  const full = appConfig(config);
  const record = containerRecord({ config: full });
  const sandbox = sandboxRecord();
  return {
    record,
    sandbox,
    image: {
      id: record.facts.imageId,
      fingerprint: "1".repeat(64),
      architecture: "x86_64",
      repoTags: [],
      repoDigests: [],
      sizeBytes: 1n,
      pinned: false,
      type: undefined,
      run: { entrypoint: [], cmd: [], env: [], workingDir: "", user: "", stopSignal: "", volumes: [] },
      labels: {},
    },
    links: {},
    seccomp: undefined,
    sources: full.mounts.map(({ hostPath }) => ({ path: hostPath, kind: "directory" as const })),
    devices: full.devices.map(({ hostPath }) => ({ path: hostPath, kind: "char" as const })),
    paths: PATHS.container(record.instance),
    podPaths: PATHS.pod(sandbox.instance),
    node: NODE,
    pidsLimit: 0,
    lxcName: (instance) => instance,
    rootfs: [],
    ...changes,
  };
}

/** The lines of an instance's raw.lxc, as `[key, value]`. */
export function rawLines({ config }: InstancesPost): [string, string][] {
  return (config?.["raw.lxc"] ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const at = line.indexOf(" = ");
      return [line.slice(0, at), line.slice(at + " = ".length)];
    });
}

export interface DecodedMount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Reads a line as getmntent(3) does; undefined for what it takes for a comment or for nothing. */
export function getmntent(line: string): DecodedMount | undefined {
  const text = line.replace(/^[ \t]+/, "");
  if (text === "" || text.startsWith("#")) return undefined;
  const [source = "", target = "", type = "", options = ""] = text.split(/[ \t]+/).map(decodeField);
  return { source, target, type, options: options.split(",") };
}

function decodeField(field: string): string {
  return field.replaceAll(/\\(?:040|011|012|134|\\)/g, (escape) =>
    escape === "\\\\" ? "\\" : String.fromCharCode(Number.parseInt(escape.slice(1), 8)),
  );
}

export function mountsOf(post: InstancesPost): DecodedMount[] {
  return rawLines(post).flatMap(([key, value]) => (key === "lxc.mount.entry" ? (getmntent(value) ?? []) : []));
}
