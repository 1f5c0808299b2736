/** True: liblxc loads it. */
export type ValueCheck = (value: string) => boolean;
export declare const capabilities: Set<string>;
/** Whether liblxc loads the line. Keys that do not begin with `lxc.` are none of its business. */
export declare function loads(key: string, value: string): boolean;
