/** From LXC configuration to what the guest kernel starts. */
import type { FileTree, GuestSpec } from "../../guest/types.ts";
import type { InstanceRecord } from "../records.ts";
import { type World } from "../world.ts";
import type { LxcConfig } from "./lxc-config.ts";
export declare function guestSpecOf(world: World, instance: InstanceRecord, rootfs: FileTree, lxc: LxcConfig): GuestSpec;
