/** Which namespaces a sandbox and its containers have, as LXC keys. Pure. */

import {
  InvalidArgumentError,
  type LinuxSandboxSecurityContext,
  type NamespaceOption,
  NamespaceMode,
  type UserNamespace,
} from "@lxe/cri";
import type { UserNamespaceChoice } from "../model/records.ts";
import type { RawLine } from "./raw-lxc.ts";

export type UserNamespaceMode = "auto" | "always" | "requested";

const MODES = new Set<number>([NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.NODE, NamespaceMode.TARGET]);

/** @throws InvalidArgumentError for combinations that CRI does not allow. */
export function checkSandboxNamespaces(options: NamespaceOption | undefined): void {
  if (!options) return;
  for (const [field, mode] of [
    ["network", options.network],
    ["ipc", options.ipc],
  ] as const) {
    if (mode !== NamespaceMode.POD && mode !== NamespaceMode.NODE) {
      throw new InvalidArgumentError(`namespace_options.${field} of a sandbox must be POD or NODE`);
    }
  }
  checkPidMode(options.pid, "namespace_options.pid");
  if (options.pid === NamespaceMode.TARGET)
    throw new InvalidArgumentError("namespace_options.pid of a sandbox cannot be TARGET");
}

export function checkPidMode(mode: NamespaceMode, field: string): void {
  if (!MODES.has(mode)) throw new InvalidArgumentError(`${field} has an unknown value: ${mode}`);
}

/** Whether the pod shares a namespace with the host that a user namespace of its own would take the meaning from. */
export function sharesWithHost(options: NamespaceOption | undefined): boolean {
  return [options?.network, options?.ipc, options?.pid].includes(NamespaceMode.NODE);
}

/** `defaultPossible`: this node can give containers of a shared user namespace their files with the right owners. */
export function chooseUserNamespace(
  security: LinuxSandboxSecurityContext | undefined,
  mode: UserNamespaceMode,
  defaultPossible: boolean,
): UserNamespaceChoice {
  const requested = security?.namespaceOptions?.usernsOptions;
  if (requested?.mode === NamespaceMode.POD) return mapped(requested, security);
  if (requested && requested.mode !== NamespaceMode.NODE) {
    throw new InvalidArgumentError("namespace_options.userns_options.mode must be POD or NODE");
  }
  if (requested || security?.privileged || sharesWithHost(security?.namespaceOptions)) return { kind: "host" };
  if (mode === "requested" || (mode === "auto" && !defaultPossible)) return { kind: "host" };
  return { kind: "default" };
}

function mapped(requested: UserNamespace, security: LinuxSandboxSecurityContext | undefined): UserNamespaceChoice {
  const field = "namespace_options.userns_options";
  if (security?.privileged) throw new InvalidArgumentError(`${field}: a privileged pod cannot have a user namespace`);
  if (sharesWithHost(security?.namespaceOptions)) {
    throw new InvalidArgumentError(
      `${field}: a pod with a user namespace cannot share network, IPC or PID with the node`,
    );
  }
  const [uid, ...moreUids] = requested.uids;
  const [gid, ...moreGids] = requested.gids;
  if (!uid || !gid || moreUids.length > 0 || moreGids.length > 0) {
    throw new InvalidArgumentError(`${field} must have exactly one mapping in uids and one in gids`);
  }
  if (uid.hostId !== gid.hostId || uid.containerId !== gid.containerId || uid.length !== gid.length) {
    throw new InvalidArgumentError(`${field}: uids and gids must be the same`);
  }
  if (uid.containerId !== 0) throw new InvalidArgumentError(`${field}: the mapping must begin at container id 0`);
  if (uid.length === 0) throw new InvalidArgumentError(`${field}: the mapping is empty`);
  return { kind: "mapped", hostId: uid.hostId, length: uid.length };
}

/** Whether a container's `userns_options` mean the namespace that its sandbox has. */
export function isSameUserNamespace({ mode, uids, gids }: UserNamespace, sandbox: UserNamespaceChoice): boolean {
  if (mode === NamespaceMode.NODE) return sandbox.kind === "host";
  if (mode !== NamespaceMode.POD || sandbox.kind !== "mapped") return false;
  return [uids, gids].every(
    ([mapping, ...more]) =>
      more.length === 0 &&
      mapping?.containerId === 0 &&
      mapping.hostId === sandbox.hostId &&
      mapping.length === sandbox.length,
  );
}

/** LXD config of an instance in that user namespace. */
export function userNamespaceConfig(choice: UserNamespaceChoice): Record<string, string> {
  if (choice.kind === "host") return { "security.privileged": "true" };
  if (choice.kind === "default") return {};
  return {
    "security.idmap.isolated": "true",
    "security.idmap.base": String(choice.hostId),
    "security.idmap.size": String(choice.length),
  };
}

/** Lines for the pause instance: only what it takes from the host. `hostPid`: a process there, as LXD sees it. */
export function sandboxNamespaceLines(options: NamespaceOption | undefined, hostPid: number): RawLine[] {
  const shared = [
    ["net", options?.network],
    ["ipc", options?.ipc],
    ["pid", options?.pid],
  ] as const;
  const lines = shared.flatMap(([name, mode]): RawLine[] =>
    mode === NamespaceMode.NODE ? [share(name, hostPid)] : [],
  );
  // a pod on the host's network has the host's name too
  return options?.network === NamespaceMode.NODE ? [...lines, share("uts", hostPid)] : lines;
}

const share = (name: string, of: string | number): RawLine => [`lxc.namespace.share.${name}`, String(of)];

export interface ContainerNamespaces {
  readonly choice: UserNamespaceChoice;
  readonly pid: NamespaceMode;
  /** Name by which LXC knows the container that TARGET means. */
  readonly target?: string;
}

/**
 * Lines for a container: everything comes from the pause instance, which has the host's where the pod asked for that. A
 * name and not a pid, so the lines stay true whatever restarts.
 */
export function containerNamespaceLines(container: ContainerNamespaces, sandbox: string): RawLine[] {
  const pidOf = container.pid === NamespaceMode.TARGET ? (container.target ?? sandbox) : sandbox;
  return [
    ...(container.choice.kind === "host" ? [] : [share("user", sandbox)]),
    share("net", sandbox),
    share("ipc", sandbox),
    share("uts", sandbox),
    ...(container.pid === NamespaceMode.CONTAINER ? [] : [share("pid", pidOf)]),
  ];
}
