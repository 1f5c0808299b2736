/** The text format of LXC configuration: `key = value` lines. */
export interface LxcLine {
    key: string;
    value: string;
}
/** Lines without `=` are skipped, as liblxc does with files that it includes. */
export declare function parseLxcLines(text: string): LxcLine[];
