import type { Process } from "../../core/process.ts";
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
export declare function users(process: Process): User[];
export declare function groups(process: Process): Group[];
export declare function userName(process: Process, uid: number): string | undefined;
export declare function groupName(process: Process, gid: number): string | undefined;
/** A name or a number; undefined when there is no such user. */
export declare function findUid(process: Process, text: string): number | undefined;
export declare function findGid(process: Process, text: string): number | undefined;
export declare function homeOf(process: Process, name: string): string | undefined;
