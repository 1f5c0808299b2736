/** What LXD 5.0.2 lists as its API extensions, in its order. */
export declare const apiExtensions: readonly string[];
