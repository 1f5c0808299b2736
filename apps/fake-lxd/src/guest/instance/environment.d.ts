/** Environment of the contract as byte strings. */
export declare function environment(env: Record<string, string>): Map<string, string>;
