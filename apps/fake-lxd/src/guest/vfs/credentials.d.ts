import { type Stat } from "./types.ts";
export interface Credentials {
  uid: number;
  euid: number;
  suid: number;
  gid: number;
  egid: number;
  sgid: number;
  groups: readonly number[];
}
export declare function credentialsOf(uid: number, gid: number, groups?: readonly number[]): Credentials;
export declare const rootCredentials: Credentials;
export declare const R_OK = 4;
export declare const W_OK = 2;
export declare const X_OK = 1;
export declare function permitted(who: Credentials, stat: Stat, wanted: number): boolean;
export declare function require(who: Credentials, stat: Stat, wanted: number): void;
/** Whether they may change mode and times: the owner and root. */
export declare function owns(who: Credentials, stat: Stat): boolean;
