import type { RootfsEntry } from "../../guest/types.ts";
export declare function formatOf(file: Uint8Array): string;
export interface UnpackedImage {
    metadata: Record<string, unknown>;
    rootfs: RootfsEntry[];
}
/** `rootfs` absent: a unified image, whose root file system is below `rootfs/`. */
export declare function unpackImage(metadataFile: Uint8Array, rootfsFile?: Uint8Array): Promise<UnpackedImage>;
