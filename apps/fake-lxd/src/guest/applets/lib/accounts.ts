/** /etc/passwd and /etc/group of the guest. */
import { Errno } from "../../core/errno.ts";
import { fromBuffer } from "../../core/bytes.ts";
import type { Process } from "../../core/process.ts";
import { readNow } from "../../exec/read-now.ts";
import { locate } from "../../vfs/walk.ts";

export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

export interface Group {
  name: string;
  gid: number;
  members: string[];
}

function rows(process: Process, path: string): string[][] {
  return lines(process, path)
    .filter((line) => line.includes(":"))
    .map((line) => line.split(":"));
}

/** How many lines of /etc/passwd are no records, and are complained of by a search that passes them. */
export function badUsers(process: Process, uid: number): number {
  const records = lines(process, "/etc/passwd").filter((line) => line !== "" && !line.startsWith("#"));
  const found = records.findIndex((line) => line.split(":")[2] === String(uid));
  const passed = found < 0 ? records : records.slice(0, found);
  return passed.filter((line) => !line.includes(":")).length;
}

function lines(process: Process, path: string): string[] {
  try {
    return fromBuffer(readNow(process.machine.host, locate(process, path), 1024 * 1024)).split("\n");
  } catch (error) {
    if (error instanceof Errno) return [];
    throw error;
  }
}

export function users(process: Process): User[] {
  return rows(process, "/etc/passwd").map(([name = "", , uid, gid, , home = "/", shell = ""]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
    shell,
  }));
}

export function groups(process: Process): Group[] {
  return rows(process, "/etc/group").map(([name = "", , gid, members = ""]) => ({
    name,
    gid: Number(gid),
    members: members.split(",").filter((member) => member !== ""),
  }));
}

export function userName(process: Process, uid: number): string | undefined {
  return users(process).find((user) => user.uid === uid)?.name;
}

export function groupName(process: Process, gid: number): string | undefined {
  return groups(process).find((group) => group.gid === gid)?.name;
}

/** A name or a number; undefined when there is no such user. */
export function findUid(process: Process, text: string): number | undefined {
  return users(process).find(({ name }) => name === text)?.uid ?? (/^\d+$/.test(text) ? Number(text) : undefined);
}

export function findGid(process: Process, text: string): number | undefined {
  return groups(process).find(({ name }) => name === text)?.gid ?? (/^\d+$/.test(text) ? Number(text) : undefined);
}

export function homeOf(process: Process, name: string): string | undefined {
  return users(process).find((user) => user.name === name)?.home;
}
