export interface MountEntry {
    source: string;
    /** Absolute inside the container. */
    target: string;
    fsType: string;
    options: string[];
}
export declare const escapeField: (field: string) => string;
/** Null for a line without the three fields that a mount needs: liblxc skips it. */
export declare function parseMountEntry(line: string): MountEntry | null;
export declare function formatMountEntry(entry: MountEntry): string;
