export interface ProxyAddress {
    protocol: "tcp" | "udp" | "unix";
    /** Empty for every address; the path for `unix`. */
    host: string;
    ports: number[];
}
/** LXD's text when the address is wrong. */
export declare function parseProxyAddress(text: string): ProxyAddress | {
    wrong: string;
};
export declare function checkProxyAddress(text: string): string | undefined;
