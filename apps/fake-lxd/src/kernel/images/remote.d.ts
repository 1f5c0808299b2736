/** An image as a server gave it. */
export interface RemoteImage {
    fingerprint: string;
    metadata: Uint8Array;
    rootfs?: Uint8Array;
    filename: string;
    properties: Record<string, string>;
}
