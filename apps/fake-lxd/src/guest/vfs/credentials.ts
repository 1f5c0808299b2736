/** Who somebody is, and what that lets them do with a file. */
import { Errno } from "../core/errno.ts";
import { type Rights, S_IFDIR, S_IFMT } from "./types.ts";

export interface Credentials {
  uid: number;
  euid: number;
  suid: number;
  gid: number;
  egid: number;
  sgid: number;
  groups: readonly number[];
}

export function credentialsOf(uid: number, gid: number, groups: readonly number[] = []): Credentials {
  return { uid, euid: uid, suid: uid, gid, egid: gid, sgid: gid, groups };
}

export const rootCredentials: Credentials = credentialsOf(0, 0);

export const R_OK = 4;
export const W_OK = 2;
export const X_OK = 1;

export function permitted(who: Credentials, stat: Readonly<Rights>, wanted: number): boolean {
  if (who.euid === 0 && !stat.foreign) {
    const anyExecute = (stat.mode & 0o111) !== 0 || (stat.mode & S_IFMT) === S_IFDIR;
    return (wanted & X_OK) === 0 || anyExecute;
  }
  return (wanted & ~classBits(who, stat)) === 0;
}

function classBits(who: Credentials, stat: Readonly<Rights>): number {
  if (who.euid === stat.uid && !stat.foreign) return (stat.mode >> 6) & 7;
  const inGroup = who.egid === stat.gid || who.groups.includes(stat.gid);
  return (inGroup && !stat.foreign ? stat.mode >> 3 : stat.mode) & 7;
}

export function require(who: Credentials, stat: Readonly<Rights>, wanted: number): void {
  if (!permitted(who, stat, wanted)) throw new Errno("EACCES");
}

/** Whether they may change mode and times: the owner and root. */
export function owns(who: Credentials, stat: Readonly<Rights>): boolean {
  return !stat.foreign && (who.euid === 0 || who.euid === stat.uid);
}
