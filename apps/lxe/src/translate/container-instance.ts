/** A container's config → its instance in LXD and its first process. Pure: what needs the host or the image was found out before. */

import {
  type ContainerConfig,
  type Device,
  InvalidArgumentError,
  type LinuxContainerSecurityContext,
  NamespaceMode,
  UnimplementedError,
} from "@lxe/cri";
import type { DeviceMap, InstancesPost } from "@lxe/lxd-client";
import type { ImageRecord } from "../images/types.ts";
import { INSIDE } from "../init/inside.ts";
import type { ProcessSpec } from "../init/process.ts";
import type { ContainerRecord, SandboxRecord } from "../model/records.ts";
import type { NodeFacts } from "../node.ts";
import { containerKeys } from "../store/codec.ts";
import type { ContainerPaths, PodPaths } from "../store/paths.ts";
import { allCapabilities, boundingForGroups, lxcKeep } from "./capabilities.ts";
import { cgroupLines } from "./cgroup.ts";
import { cloudInitConfig } from "./command.ts";
import {
  bindEntry,
  byDepth,
  checkIdMappings,
  checkMount,
  checkPath,
  checkPlace,
  maskEntries,
  mountAttributes,
  mountEntry,
  type MountSource,
  type MountContext,
  normalisePath,
  throughLinks,
  isVolumePlace,
  ownDirectoryEntry,
  readonlyEntry,
} from "./mounts.ts";
import { checkPidMode, containerNamespaceLines, isSameUserNamespace, userNamespaceConfig } from "./namespaces.ts";
import { type MountEntry, mountLine, type RawLine, renderRawLxc } from "./raw-lxc.ts";
import { translateResources } from "./resources.ts";
import { commonConfig, commonLines, seccompConfig } from "./sandbox-instance.ts";
import { profileLines } from "./security.ts";

export interface ContainerInput {
  readonly record: Pick<ContainerRecord, "id" | "instance" | "sandboxId" | "createdAt" | "config" | "facts">;
  readonly sandbox: SandboxRecord;
  /** Instance of the container whose PID namespace is joined, for PID mode TARGET. */
  readonly target?: string;
  readonly image: ImageRecord;
  /** Symbolic links of the image that mount targets may go through. */
  readonly links: Readonly<Record<string, string>>;
  /** For each mount, in order, what is at its host path. */
  readonly sources: readonly MountSource[];
  /** For each device, in order, the host's device. */
  readonly devices: readonly { readonly path: string; readonly kind: "char" | "block" }[];
  readonly paths: ContainerPaths;
  readonly podPaths: PodPaths;
  readonly node: NodeFacts;
  readonly pidsLimit: number;
  /** LXC's name for an instance; differs from LXD's outside the default project. */
  readonly lxcName: (instance: string) => string;
  /** LXC's, where a profile of the node is asked for. */
  readonly seccomp: string | undefined;
  /** Lines that give the root file system its ids where LXD cannot (`rootfs.ts`). */
  readonly rootfs: readonly RawLine[];
}

/** @throws an error naming the field, for what cannot be done whatever the image. */
export function checkContainerConfig(config: ContainerConfig, sandbox: SandboxRecord): void {
  if (!config.metadata?.name) throw new InvalidArgumentError("config.metadata.name is empty");
  if (!config.image?.image) throw new InvalidArgumentError("config.image.image is empty");
  if (config.CDIDevices.length > 0) throw new UnimplementedError("CDI_devices are not supported");
  for (const mount of config.mounts) {
    checkMount(mount);
    checkIdMappings(mount, sandbox.userns);
  }
  for (const device of config.devices) checkDevice(device);
  const security = config.linux?.securityContext;
  for (const path of security?.maskedPaths ?? []) checkPlace(path, "linux.security_context.masked_paths");
  for (const path of security?.readonlyPaths ?? []) checkPlace(path, "linux.security_context.readonly_paths");
  const podSecurity = sandbox.config.linux?.securityContext;
  if (security?.privileged && !podSecurity?.privileged) {
    throw new InvalidArgumentError("linux.security_context.privileged: the pod sandbox is not privileged");
  }
  checkNamespaces(security, sandbox);
}

function checkNamespaces(security: LinuxContainerSecurityContext | undefined, sandbox: SandboxRecord): void {
  const options = security?.namespaceOptions;
  const pod = sandbox.config.linux?.securityContext?.namespaceOptions;
  if (!options) return;
  for (const field of ["network", "ipc"] as const) {
    if (options[field] !== (pod?.[field] ?? NamespaceMode.POD)) {
      throw new InvalidArgumentError(
        `linux.security_context.namespace_options.${field} differs from the pod sandbox's`,
      );
    }
  }
  checkPidMode(options.pid, "linux.security_context.namespace_options.pid");
  if (options.pid === NamespaceMode.NODE && pod?.pid !== NamespaceMode.NODE) {
    throw new InvalidArgumentError("linux.security_context.namespace_options.pid is NODE, the pod sandbox's is not");
  }
  if (options.pid === NamespaceMode.TARGET && options.targetId === "") {
    throw new InvalidArgumentError("linux.security_context.namespace_options.target_id is empty");
  }
  if (options.usernsOptions && !isSameUserNamespace(options.usernsOptions, sandbox.userns)) {
    throw new InvalidArgumentError(
      "linux.security_context.namespace_options.userns_options differs from the pod sandbox's",
    );
  }
}

function checkDevice({ permissions, hostPath, containerPath }: Device): void {
  checkPath(hostPath, "devices.host_path");
  checkPath(containerPath || hostPath, "devices.container_path");
  if (/[^rwm]/.test(permissions))
    throw new InvalidArgumentError(`devices.permissions is made of r, w and m: ${JSON.stringify(permissions)}`);
  if (!permissions.includes("r") || !permissions.includes("w")) {
    throw new UnimplementedError(
      `devices.permissions: LXD gives devices read-write only, not ${JSON.stringify(permissions)}`,
    );
  }
}

export function containerInstance(input: ContainerInput): InstancesPost {
  const { record, sandbox, node } = input;
  const { config } = record;
  const resources = translateResources(config.linux?.resources, node);
  const privileged = config.linux?.securityContext?.privileged ?? false;
  const metadata = sandbox.config.metadata;
  return {
    name: record.instance,
    description: `${config.metadata?.name} of pod ${metadata?.namespace}/${metadata?.name}`,
    source: { type: "image", fingerprint: input.image.fingerprint },
    profiles: [...node.profiles],
    config: {
      ...commonConfig(node),
      ...userNamespaceConfig(sandbox.userns),
      ...resources.config,
      ...(input.pidsLimit > 0 && { "limits.processes": String(input.pidsLimit) }),
      ...cloudInitConfig(config),
      ...seccompConfig(input.seccomp),
      ...containerKeys(record),
      "raw.lxc": renderRawLxc([
        ...commonLines(),
        ...consoleLines(input),
        ["lxc.init.cmd", `${INSIDE}/init`],
        ...(record.facts.stopSignal === "" ? [] : [["lxc.signal.halt", record.facts.stopSignal] as const]),
        // without a nic of its own LXD has nothing to do there, and a failed start would wait 5 s for it
        ["lxc.hook.stop", ""],
        ...input.rootfs,
        ...namespaceLines(input),
        ...cgroupLines(sandbox.config.linux?.cgroupParent ?? "", record.instance),
        ...resources.raw,
        ...capabilityLines(input),
        ...(privileged ? ALL_DEVICES : []),
        ...profileLines(config.linux?.securityContext, privileged, node),
        ...mountEntries(input).map(mountLine),
      ]),
    },
    devices: { root: { type: "disk", path: "/", pool: node.pool }, ...node.masks, ...deviceMap(config, input.devices) },
  };
}

/** What LXD's list of devices would deny. */
const ALL_DEVICES: readonly RawLine[] = [
  ["lxc.cgroup.devices.allow", "a"],
  ["lxc.cgroup2.devices.allow", "a"],
];

/** For an image's init LXC's console is what the output goes to, and its log file is ours. */
function consoleLines({ record, paths }: ContainerInput): RawLine[] {
  if (record.facts.type !== "system") return [["lxc.console.path", "none"]];
  // LXD's own limit is 128 KiB, at which LXC throws away what nobody has read yet
  return [
    ["lxc.console.size", ""],
    ["lxc.console.logfile", paths.stdout],
  ];
}

function namespaceLines({ record, sandbox, target, lxcName }: ContainerInput): RawLine[] {
  const pid =
    record.config.linux?.securityContext?.namespaceOptions?.pid ??
    sandbox.config.linux?.securityContext?.namespaceOptions?.pid;
  if (record.facts.type === "system" && (pid === NamespaceMode.NODE || pid === NamespaceMode.TARGET)) {
    throw new UnimplementedError(
      "linux.security_context.namespace_options.pid: a system container's init must be pid 1 of a namespace of its own",
    );
  }
  return containerNamespaceLines(
    {
      choice: sandbox.userns,
      // an init insists on being pid 1
      pid: record.facts.type === "system" ? NamespaceMode.CONTAINER : (pid ?? NamespaceMode.POD),
      ...(target !== undefined && { target: lxcName(target) }),
    },
    lxcName(sandbox.instance),
  );
}

/** In the host's user namespace LXD drops some capabilities, which must be undone before others are kept. */
function capabilityLines({ record, sandbox }: ContainerInput): RawLine[] {
  const kept = record.facts.capabilities;
  const clear: RawLine[] = sandbox.userns.kind === "host" ? [["lxc.cap.drop", ""]] : [];
  if (!kept) return record.config.linux?.securityContext?.privileged ? clear : [];
  return kept.length === allCapabilities().length ? clear : [...clear, ["lxc.cap.keep", lxcKeep(kept)]];
}

function mountEntries(input: ContainerInput): MountEntry[] {
  const { record, sandbox, paths } = input;
  const context = { idmapped: sandbox.userns.kind !== "host" };
  const security = record.config.linux?.securityContext;
  const requested = requestedEntries(input, context);
  const taken = new Set(requested.map(({ target }) => target));
  // a mount on /dev brings its own /dev/shm
  const supplied = suppliedEntries(input, context).filter(
    ({ target }) => !taken.has(target) && !(target.startsWith("/dev/") && taken.has("/dev")),
  );
  const mounts = byDepth([...supplied, ...volumeEntries(input, requested, supplied), ...requested]);
  const inPlace = (path: string): string => throughLinks(path, input.links);
  const hidden = security?.privileged ? [] : (security?.maskedPaths ?? []).map(inPlace).flatMap(maskEntries);
  const readonly = security?.privileged ? [] : (security?.readonlyPaths ?? []).map(inPlace).map(readonlyEntry);
  // an init mounts a /run of its own, which would hide what lies below, unless one is there
  const needsRun = record.facts.type === "system" && mounts.some(({ target }) => target.startsWith("/run/"));
  return [
    ...(needsRun ? [{ source: "tmpfs", target: "/run", type: "tmpfs", options: ["create=dir", "mode=755"] }] : []),
    bindEntry(paths.directory, INSIDE, "dir", context),
    ...mounts,
    ...hidden,
    ...readonly,
  ];
}

function requestedEntries({ record, sources, links }: ContainerInput, context: MountContext): MountEntry[] {
  return record.config.mounts.flatMap((mount, index) => {
    const source = sources[index];
    if (!source) return [];
    const entry = mountEntry(mount, source, context);
    return [{ ...entry, target: throughLinks(entry.target, links) }];
  });
}

/**
 * The image's volumes. Each is a mount of its own of the directory that the container has there anyway: writable also where the root
 * file system is not, with what the image has in it, and gone with the container. What is mounted at or above it takes its place.
 */
function volumeEntries(
  { image, links }: ContainerInput,
  requested: readonly MountEntry[],
  supplied: readonly MountEntry[],
): MountEntry[] {
  const places = new Set(image.run.volumes.map((volume) => throughLinks(volume, links)));
  const isTaken = (place: string): boolean =>
    requested.some(({ target }) => place === target || place.startsWith(`${target}/`)) ||
    supplied.some(({ target }) => place === target);
  return [...places].filter((place) => isVolumePlace(place) && !isTaken(place)).map(ownDirectoryEntry);
}

/** What every container of a pod shares with the others, without asking. */
function suppliedEntries({ record, sandbox, podPaths, links }: ContainerInput, context: MountContext): MountEntry[] {
  const onHostIpc = sandbox.config.linux?.securityContext?.namespaceOptions?.ipc === NamespaceMode.NODE;
  const readonly = record.config.linux?.securityContext?.readonlyRootfs ? ["ro"] : [];
  const fileEntry = (source: string, target: string): MountEntry => {
    const entry = bindEntry(source, target, "file", context);
    return { ...entry, options: [...entry.options, ...readonly] };
  };
  return [
    bindEntry(onHostIpc ? "/dev/shm" : podPaths.shm, "/dev/shm", "dir", context),
    fileEntry(podPaths.hosts, "/etc/hosts"),
    fileEntry(podPaths.hostname, "/etc/hostname"),
    fileEntry(podPaths.resolvConf, "/etc/resolv.conf"),
  ].map((entry) => ({ ...entry, target: throughLinks(entry.target, links) }));
}

function deviceMap({ devices }: ContainerConfig, found: ContainerInput["devices"]): DeviceMap {
  return Object.fromEntries(
    devices.flatMap(({ hostPath, containerPath }, index) => {
      const device = found[index];
      return device
        ? [
            [
              `device-${index}`,
              { type: `unix-${device.kind}`, source: device.path, path: normalisePath(containerPath || hostPath) },
            ],
          ]
        : [];
    }),
  );
}

/** The container's first process; argv is the image's init for a system container. */
export function containerProcess(
  record: Pick<ContainerRecord, "config" | "facts">,
  argv: readonly string[],
): ProcessSpec {
  const { config, facts } = record;
  const readonlyRoot = config.linux?.securityContext?.readonlyRootfs ?? false;
  return {
    ...execProcess(record, argv),
    bounding: boundingForGroups(facts.user),
    cwd: facts.cwd,
    mounts: [
      ...config.mounts.flatMap(mountAttributes),
      ...(readonlyRoot ? [{ path: "/", attributes: ["ro"] as const, recursive: false }] : []),
    ],
  };
}

/** A process that joins the container later: the same user, environment and rights. */
export function execProcess(
  { config, facts }: Pick<ContainerRecord, "config" | "facts">,
  argv: readonly string[],
  { terminal = false }: { readonly terminal?: boolean } = {},
): ProcessSpec {
  const env = facts.env.map((entry) => Buffer.from(entry, "latin1"));
  const term = terminal && !facts.env.some((entry) => entry.startsWith("TERM=")) ? [Buffer.from("TERM=xterm")] : [];
  return {
    argv,
    env: [...env, ...term],
    cwd: facts.cwd,
    uid: facts.user.uid,
    gid: facts.user.gid,
    groups: facts.user.groups,
    ...(facts.capabilities && { capabilities: new Set(facts.capabilities) }),
    noNewPrivileges: config.linux?.securityContext?.noNewPrivs ?? false,
  };
}
