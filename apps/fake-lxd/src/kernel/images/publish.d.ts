import type { FileTree } from "../../guest/types.ts";
export declare function packInstance(rootfs: FileTree, metadata: {
    architecture: string;
    creationMs: number;
    properties: Record<string, string>;
}): Promise<Uint8Array>;
