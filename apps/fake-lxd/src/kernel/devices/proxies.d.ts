import type { Guest } from "../../guest/types.ts";
/** Throws with LXD's text when one of its ports cannot be had; then none is held. */
export declare function startProxy(device: Record<string, string>, guest: Guest): Promise<AsyncDisposable>;
