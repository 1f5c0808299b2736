/** Who a container's process is: CRI's security context and the image's passwd and group files → ids. Pure. */

import { InvalidArgumentError, type LinuxContainerSecurityContext, SupplementalGroupsPolicy } from "@lxe/cri";
import type { ImageUsers } from "../images/types.ts";
import type { ContainerUserIds } from "../model/records.ts";

const ID_MAX = 0xffff_fffe;

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface ResolvedUser extends ContainerUserIds {
  /** From passwd; `/` where the user is not in it. */
  readonly home: string;
}

/** Whether the image's files are needed to tell: not for a plain root. */
export function resolveUser(
  context: LinuxContainerSecurityContext | undefined,
  imageUser: string,
  users: ImageUsers,
): ResolvedUser {
  const passwd = parsePasswd(users.passwd);
  const [wantedUser, imageGroup] = wantedIdentity(context, imageUser);
  const entry = findUser(passwd, wantedUser);
  const gid = primaryGroup(context, imageGroup, entry.gid, users.group);
  return { uid: entry.uid, gid, groups: groupsOf(context, entry.name, gid, users.group), home: entry.home };
}

/** Precedence: username, then uid, then the image's user; the image's group counts only with the image's user. */
function wantedIdentity(
  context: LinuxContainerSecurityContext | undefined,
  imageUser: string,
): [string, string | undefined] {
  const group = context?.runAsGroup;
  if (context?.runAsUsername) return [context.runAsUsername, undefined];
  if (context?.runAsUser) return [String(checkId(context.runAsUser.value, "run_as_user")), undefined];
  if (group) throw new InvalidArgumentError("linux.security_context.run_as_group needs run_as_user or run_as_username");
  const [user = "", imageGroup] = imageUser.split(":", 2);
  return [user || "0", imageGroup];
}

function findUser(passwd: readonly PasswdEntry[], wanted: string): PasswdEntry {
  if (/^\d+$/.test(wanted)) {
    const uid = checkId(BigInt(wanted), "run_as_user");
    return passwd.find((entry) => entry.uid === uid) ?? { name: "", uid, gid: 0, home: uid === 0 ? "/root" : "/" };
  }
  const entry = passwd.find((candidate) => candidate.name === wanted);
  if (!entry)
    throw new InvalidArgumentError(
      `linux.security_context.run_as_username: the image has no user ${JSON.stringify(wanted)}`,
    );
  return entry;
}

function primaryGroup(
  context: LinuxContainerSecurityContext | undefined,
  imageGroup: string | undefined,
  userGid: number,
  groupFile: string,
): number {
  if (context?.runAsGroup) return checkId(context.runAsGroup.value, "run_as_group");
  if (imageGroup === undefined) return userGid;
  if (/^\d+$/.test(imageGroup)) return checkId(BigInt(imageGroup), "run_as_group");
  const entry = parseGroups(groupFile).find(({ name }) => name === imageGroup);
  if (!entry)
    throw new InvalidArgumentError(
      `the image's user names a group that it does not have: ${JSON.stringify(imageGroup)}`,
    );
  return entry.gid;
}

function groupsOf(
  context: LinuxContainerSecurityContext | undefined,
  userName: string,
  gid: number,
  groupFile: string,
): number[] {
  const policy = context?.supplementalGroupsPolicy ?? SupplementalGroupsPolicy.Merge;
  if (policy !== SupplementalGroupsPolicy.Merge && policy !== SupplementalGroupsPolicy.Strict) {
    throw new InvalidArgumentError(`linux.security_context.supplemental_groups_policy has an unknown value: ${policy}`);
  }
  const asked = (context?.supplementalGroups ?? []).map((group) => checkId(group, "supplemental_groups"));
  const fromImage =
    policy === SupplementalGroupsPolicy.Merge
      ? parseGroups(groupFile).flatMap((entry) =>
          userName !== "" && entry.members.includes(userName) ? [entry.gid] : [],
        )
      : [];
  return [...new Set([gid, ...fromImage, ...asked])];
}

function checkId(value: bigint, field: string): number {
  if (value < 0n || value > BigInt(ID_MAX)) {
    throw new InvalidArgumentError(`linux.security_context.${field} must lie in 0..${ID_MAX}, not ${value}`);
  }
  return Number(value);
}

function parsePasswd(text: string): PasswdEntry[] {
  return records(text).flatMap(([name = "", , uid = "", gid = "", , home = ""]) =>
    /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home: home || "/" }] : [],
  );
}

function parseGroups(text: string): { name: string; gid: number; members: string[] }[] {
  return records(text).flatMap(([name = "", , gid = "", members = ""]) =>
    /^\d+$/.test(gid) ? [{ name, gid: Number(gid), members: members.split(",") }] : [],
  );
}

function records(text: string): string[][] {
  return text.split("\n").map((line) => line.trim().split(":"));
}
