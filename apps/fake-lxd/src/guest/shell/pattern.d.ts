/** Shell patterns (`*`, `?`, `[...]`, backslash) as regular expressions over byte strings. */
/** Source of a regular expression; `greedy` false makes `*` match as little as it can. */
export declare function patternSource(pattern: string, greedy?: boolean): string;
/** Inside of `[:name:]` as a regular expression's set. */
export declare function characterClass(name: string): string | undefined;
export declare function compilePattern(pattern: string): RegExp;
export declare function matches(pattern: string, text: string): boolean;
export declare function hasMagic(pattern: string): boolean;
/** So that every character stands for itself. */
export declare function escapePattern(text: string): string;
export declare function unescapePattern(pattern: string): string;
/** Without the shortest or longest matching start. */
export declare function removePrefix(text: string, pattern: string, longest: boolean): string;
export declare function removeSuffix(text: string, pattern: string, longest: boolean): string;
export declare function replacePattern(text: string, pattern: string, by: string, all: boolean): string;
