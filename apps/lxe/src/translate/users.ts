/** Who a container's process is: CRI's security context and the image's passwd and group files → ids. Pure. */

import { InvalidArgumentError, type LinuxContainerSecurityContext, SupplementalGroupsPolicy } from "@lxe/cri";
import type { ImageUsers } from "../images/types.ts";
import type { ContainerUserIds } from "../model/records.ts";

const ID_MAX = 0xffff_fffe;
const SECURITY = "linux.security_context.";
const IMAGE_USER = "image (its configured user)";

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
  const [wantedUser, imageGroup, field] = wantedIdentity(context, imageUser);
  const entry = findUser(passwd, wantedUser, field);
  const gid = primaryGroup(context, imageGroup, entry.gid, users.group);
  return { uid: entry.uid, gid, groups: groupsOf(context, entry.name, gid, users.group), home: entry.home };
}

/** Precedence: username, then uid, then the image's user; the image's group counts only with the image's user. */
function wantedIdentity(
  context: LinuxContainerSecurityContext | undefined,
  imageUser: string,
): [user: string, imageGroup: string | undefined, field: string] {
  const group = context?.runAsGroup;
  if (context?.runAsUsername) return [context.runAsUsername, undefined, `${SECURITY}run_as_username`];
  if (context?.runAsUser) return [String(context.runAsUser.value), undefined, `${SECURITY}run_as_user`];
  if (group) throw new InvalidArgumentError(`${SECURITY}run_as_group needs run_as_user or run_as_username`);
  const [user = "", imageGroup] = imageUser.split(":", 2);
  return [user || "0", imageGroup || undefined, IMAGE_USER];
}

function findUser(passwd: readonly PasswdEntry[], wanted: string, field: string): PasswdEntry {
  if (/^-?\d+$/.test(wanted)) {
    const uid = checkId(BigInt(wanted), field);
    return passwd.find((entry) => entry.uid === uid) ?? { name: "", uid, gid: 0, home: uid === 0 ? "/root" : "/" };
  }
  const entry = passwd.find((candidate) => candidate.name === wanted);
  if (!entry) throw new InvalidArgumentError(`${field}: the image has no user ${JSON.stringify(wanted)}`);
  return entry;
}

function primaryGroup(
  context: LinuxContainerSecurityContext | undefined,
  imageGroup: string | undefined,
  userGid: number,
  groupFile: string,
): number {
  if (context?.runAsGroup) return checkId(context.runAsGroup.value, `${SECURITY}run_as_group`);
  if (imageGroup === undefined) return userGid;
  if (/^\d+$/.test(imageGroup)) return checkId(BigInt(imageGroup), IMAGE_USER);
  const entry = parseGroups(groupFile).find(({ name }) => name === imageGroup);
  if (!entry) throw new InvalidArgumentError(`${IMAGE_USER}: the image has no group ${JSON.stringify(imageGroup)}`);
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
    throw new InvalidArgumentError(`${SECURITY}supplemental_groups_policy has an unknown value: ${policy}`);
  }
  const asked = (context?.supplementalGroups ?? []).map((group) => checkId(group, `${SECURITY}supplemental_groups`));
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
    throw new InvalidArgumentError(`${field} must lie in 0..${ID_MAX}, not ${value}`);
  }
  return Number(value);
}

function parsePasswd(text: string): PasswdEntry[] {
  return records(text).flatMap(([name = "", , uid = "", gid = "", , home = ""]) =>
    isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home: home || "/" }] : [],
  );
}

function parseGroups(text: string): { name: string; gid: number; members: string[] }[] {
  return records(text).flatMap(([name = "", , gid = "", members = ""]) =>
    isId(gid) ? [{ name, gid: Number(gid), members: members.split(",") }] : [],
  );
}

const isId = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= ID_MAX;

function records(text: string): string[][] {
  return text.split("\n").map((line) => line.trim().split(":"));
}
