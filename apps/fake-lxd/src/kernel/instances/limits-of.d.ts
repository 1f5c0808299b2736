import type { GuestLimits } from "../../guest/types.ts";
import type { Config } from "../records.ts";
export declare function limitsOf(config: Config, cgroup: Record<string, string>): GuestLimits;
