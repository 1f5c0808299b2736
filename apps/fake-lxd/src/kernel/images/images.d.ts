import type { Image } from "@lxe/lxd-client";
import type { Daemon } from "../daemon.ts";
import type { Config, ImageRecord } from "../records.ts";
import { type World } from "../world.ts";
export interface NewImage {
    project: string;
    metadata: Uint8Array;
    rootfs?: Uint8Array;
    rootfsName?: string;
    filename: string;
    public: boolean;
    properties: Config;
    /** Checked when given. */
    fingerprint?: string;
    profiles?: string[];
    autoUpdate?: boolean;
    cached?: boolean;
    expiresAt?: string;
    updateSource?: NonNullable<ImageRecord["updateSource"]>;
    /** Told before the image is stored: also when that fails because it is there already. */
    onFingerprint?: (fingerprint: string, size: number) => void;
}
export declare function fingerprintOf(metadata: Uint8Array, rootfs?: Uint8Array): string;
export declare function addImage(daemon: Daemon, image: NewImage): Promise<ImageRecord>;
export declare function announceImage(daemon: Daemon, image: ImageRecord, action: string, context?: Record<string, unknown>): void;
export declare function imagesOf(world: World, project: string): ImageRecord[];
/** By any unique prefix of the fingerprint. */
export declare function findImage(world: World, project: string, prefix: string): ImageRecord;
export declare function deleteImage(daemon: Daemon, image: ImageRecord): void;
export declare function renderImage(world: World, image: ImageRecord): Image;
export declare function imageEtag(image: ImageRecord): unknown;
