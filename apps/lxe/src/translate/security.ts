/** LSMs, seccomp and hidden paths of a container → LXC keys. Pure. */

import {
  InvalidArgumentError,
  type LinuxContainerSecurityContext,
  type LinuxSandboxSecurityContext,
  type SecurityProfile,
  SecurityProfile_ProfileType,
  type SELinuxOption,
  UnimplementedError,
} from "@lxe/cri";
import type { RawLine } from "./raw-lxc.ts";

export interface NodeSecurity {
  readonly apparmor: boolean;
  readonly selinux: boolean;
}

export const SECCOMP_FIELD = "linux.security_context.seccomp";

type Security = LinuxContainerSecurityContext | LinuxSandboxSecurityContext;

/** AppArmor, seccomp and SELinux. Without a profile an app is unconfined by seccomp, as CRI says, and in LXD's AppArmor profile. */
export function profileLines(security: Security | undefined, privileged: boolean, node: NodeSecurity): RawLine[] {
  checkSelinux(security?.selinuxOptions, node);
  return [...seccompLines(security, privileged), ...apparmorLines(security, privileged, node)];
}

function checkSelinux(options: SELinuxOption | undefined, node: NodeSecurity): void {
  if (!options || !node.selinux) return;
  if ([options.user, options.role, options.type, options.level].some((part) => part !== "")) {
    throw new UnimplementedError("linux.security_context.selinux_options: SELinux labels are not supported");
  }
}

/** Where the node's profile lies that seccomp has to be; undefined: no profile of the node. */
export function localSeccompProfile(security: Security | undefined, privileged: boolean): string | undefined {
  const profile = seccompProfile(security, privileged);
  if (profile?.profileType !== SecurityProfile_ProfileType.Localhost) return undefined;
  if (profile.localhostRef.startsWith("/")) return profile.localhostRef;
  throw new InvalidArgumentError(
    `${SECCOMP_FIELD}.localhost_ref is no absolute path: ${JSON.stringify(profile.localhostRef)}`,
  );
}

/** RuntimeDefault is what LXD does without being told; a profile of the node is in a key of LXD's own (`seccomp.ts`). */
function seccompLines(security: Security | undefined, privileged: boolean): RawLine[] {
  const type = seccompProfile(security, privileged)?.profileType ?? SecurityProfile_ProfileType.Unconfined;
  if (type === SecurityProfile_ProfileType.Unconfined) return [["lxc.seccomp.profile", ""]];
  if (type === SecurityProfile_ProfileType.RuntimeDefault || type === SecurityProfile_ProfileType.Localhost) return [];
  throw new InvalidArgumentError(`${SECCOMP_FIELD}.profile_type has an unknown value: ${type}`);
}

function seccompProfile(security: Security | undefined, privileged: boolean): SecurityProfile | undefined {
  return privileged ? undefined : (security?.seccomp ?? deprecatedSeccomp(security?.seccompProfilePath ?? ""));
}

function deprecatedSeccomp(path: string): SecurityProfile | undefined {
  if (path === "") return undefined;
  if (path === "unconfined") return { profileType: SecurityProfile_ProfileType.Unconfined, localhostRef: "" };
  if (path === "runtime/default" || path === "docker/default") {
    return { profileType: SecurityProfile_ProfileType.RuntimeDefault, localhostRef: "" };
  }
  return { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: path.replace(/^localhost\//, "") };
}

function apparmorLines(security: Security | undefined, privileged: boolean, node: NodeSecurity): RawLine[] {
  const deprecated = security && "apparmorProfile" in security ? security.apparmorProfile : "";
  const profile = security?.apparmor ?? deprecatedApparmor(deprecated);
  const type = profile?.profileType ?? SecurityProfile_ProfileType.RuntimeDefault;
  if (profile && type === SecurityProfile_ProfileType.Localhost) return [localApparmor(profile, node)];
  if (type !== SecurityProfile_ProfileType.RuntimeDefault && type !== SecurityProfile_ProfileType.Unconfined) {
    throw new InvalidArgumentError(`linux.security_context.apparmor.profile_type has an unknown value: ${type}`);
  }
  const unconfined = privileged || type === SecurityProfile_ProfileType.Unconfined;
  return unconfined && node.apparmor ? [["lxc.apparmor.profile", "unconfined"]] : [];
}

function localApparmor({ localhostRef }: SecurityProfile, node: NodeSecurity): RawLine {
  const field = "linux.security_context.apparmor";
  if (!node.apparmor) throw new InvalidArgumentError(`${field}: AppArmor is not enabled on this node`);
  const name = localhostRef.replace(/^localhost\//, "");
  if (!/^[^\s"']+$/.test(name)) {
    throw new InvalidArgumentError(`${field}.localhost_ref is no name of a profile: ${JSON.stringify(localhostRef)}`);
  }
  return ["lxc.apparmor.profile", name];
}

function deprecatedApparmor(profile: string): SecurityProfile | undefined {
  if (profile === "" || profile === "runtime/default") return undefined;
  if (profile === "unconfined") return { profileType: SecurityProfile_ProfileType.Unconfined, localhostRef: "" };
  return { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: profile };
}
