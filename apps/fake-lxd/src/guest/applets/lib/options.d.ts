export interface Options {
  /** Letters that were given; long options count as their letter. */
  has(letter: string): boolean;
  count(letter: string): number;
  /** The last value. */
  value(letter: string): string | undefined;
  values(letter: string): readonly string[];
  /** What is no option. */
  operands: string[];
}
/**
 * `spec` is like getopt's: `ab:` knows -a and -b VALUE. `long` names letters. A leading `+` in `spec` stops at the first operand. Unknown
 * options are a `UsageError`, as busybox says it.
 */
export declare function parseOptions(args: readonly string[], spec: string, long?: Record<string, string>): Options;
/** `10`, `4k`, `2M`... as busybox reads sizes. */
export declare function parseSize(text: string): number;
export declare function parseNumber(text: string): number;
/** `1`, `0.5`, `2m`, `1h`, `inf` in seconds. */
export declare function parseDuration(text: string): number;
