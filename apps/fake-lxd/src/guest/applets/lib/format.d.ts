/** One conversion of printf. */
export interface Conversion {
  flags: string;
  width: number;
  precision: number | undefined;
  letter: string;
}
export declare function formatInteger({ flags, width, precision, letter }: Conversion, value: bigint): string;
export declare function formatFloat({ flags, width, precision, letter }: Conversion, value: number): string;
export declare function formatString({ flags, width, precision }: Conversion, text: string): string;
export declare const conversionPattern: RegExp;
