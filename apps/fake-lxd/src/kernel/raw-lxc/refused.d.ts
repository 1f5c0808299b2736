/** Throws 500 with LXD's text. */
export declare function checkRefusedKeys(rawLxc: string): void;
