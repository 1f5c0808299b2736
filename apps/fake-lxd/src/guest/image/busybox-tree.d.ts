import type { FileTree, RootfsEntry } from "../types.ts";
/** Applets as marker files below /bin and /sbin, users and groups, /tmp, an idle /sbin/init. */
export declare function createBusyboxTree(now: () => number): FileTree;
/** The same as archive entries, for an image. */
export declare function busyboxEntries(): Iterable<RootfsEntry>;
