import { type GuestExecSpec, type GuestProcess } from "../types.ts";
import type { RunningGuest } from "./guest.ts";
export declare function execInGuest(guest: RunningGuest, spec: GuestExecSpec): Promise<GuestProcess>;
