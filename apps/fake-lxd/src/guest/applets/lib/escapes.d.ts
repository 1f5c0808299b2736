/** Backslash escapes of echo -e, printf and tr. */
/** `zeroOctal`: octal numbers as `\0nnn` too, as echo has them. `stopped`: a `\c` ended the output. */
export declare function unescape(
  text: string,
  zeroOctal: boolean,
): {
  text: string;
  stopped: boolean;
};
/** The escape at the start of the text. */
export declare function oneEscape(
  text: string,
  zeroOctal: boolean,
): {
  char: string;
  length: number;
};
