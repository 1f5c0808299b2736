import type { InitCall } from "./calls.ts";
export declare const setgroups: InitCall;
export declare const setresgid: InitCall;
/** Without root's ids no capability stays permitted or effective, unless PR_SET_KEEPCAPS says otherwise. */
export declare const setresuid: InitCall;
export declare const prctl: InitCall;
/** Version 3 only: two 32-bit halves of effective, permitted, inheritable. */
export declare const capset: InitCall;
