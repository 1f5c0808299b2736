/** Profiles and their users. */
import type { Profile } from "@lxe/lxd-client";
import type { Daemon } from "../daemon.ts";
import type { Config, Devices, ProfileRecord } from "../records.ts";
import { type World } from "../world.ts";
export interface ProfileInput {
    name: string;
    description: string;
    config: Config;
    devices: Devices;
}
export declare function profilesOf(world: World, project: string): ProfileRecord[];
/** `context` is what LXD puts before its "Profile not found". */
export declare function findProfile(world: World, project: string, name: string, context?: string): ProfileRecord;
export declare function renderProfile(world: World, profile: ProfileRecord): Profile;
export declare function profileEtag(profile: ProfileRecord): unknown;
export declare function createProfile(daemon: Daemon, project: string, input: ProfileInput): ProfileRecord;
/** Saved even when some of its users refuse the change. */
export declare function updateProfile(daemon: Daemon, profile: ProfileRecord, change: Omit<ProfileInput, "name">): Promise<void>;
export declare function renameProfile(daemon: Daemon, project: string, name: string, newName: string): ProfileRecord;
export declare function deleteProfile(daemon: Daemon, project: string, name: string): void;
