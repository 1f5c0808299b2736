/** Throws 500 when the filter cannot be read. Empty: everything passes. */
export declare function compileFilter(text: string | null): (object: unknown) => boolean;
