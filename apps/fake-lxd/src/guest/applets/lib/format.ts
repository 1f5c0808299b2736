/** One conversion of printf. */

export interface Conversion {
  flags: string;
  width: number;
  precision: number | undefined;
  letter: string;
}

export function formatInteger({ flags, width, precision, letter }: Conversion, value: bigint): string {
  const unsigned = "ouxX".includes(letter) ? BigInt.asUintN(64, value) : value;
  const radix = letter === "o" ? 8 : letter === "x" || letter === "X" ? 16 : 10;
  const magnitude = unsigned < 0n ? -unsigned : unsigned;
  let digits = magnitude.toString(radix);
  if (letter === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  const prefix =
    flags.includes("#") && magnitude !== 0n
      ? letter === "o"
        ? "0"
        : letter === "x"
          ? "0x"
          : letter === "X"
            ? "0X"
            : ""
      : "";
  const sign =
    unsigned < 0n
      ? "-"
      : "id".includes(letter) && flags.includes("+")
        ? "+"
        : "id".includes(letter) && flags.includes(" ")
          ? " "
          : "";
  return pad(sign + prefix, digits, flags, width, precision === undefined);
}

export function formatFloat({ flags, width, precision = 6, letter }: Conversion, value: number): string {
  const magnitude = Math.abs(value);
  let digits = floatDigits(letter.toLowerCase(), magnitude, precision);
  if (letter !== letter.toLowerCase()) digits = digits.toUpperCase();
  const sign = value < 0 || Object.is(value, -0) ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  return pad(sign, digits, flags, width, Number.isFinite(value));
}

function floatDigits(letter: string, value: number, precision: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : "inf";
  if (letter === "f") return value.toFixed(Math.min(precision, 100));
  if (letter === "e") return exponent(value.toExponential(Math.min(precision, 100)));
  const significant = precision === 0 ? 1 : precision;
  const power = value === 0 ? 0 : Math.floor(Math.log10(value));
  if (power < -4 || power >= significant) return exponent(value.toExponential(significant - 1).replace(/\.?0+e/, "e"));
  const fixed = value.toFixed(Math.max(0, significant - 1 - power));
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

/** At least two digits. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

function pad(prefix: string, digits: string, flags: string, width: number, zeroAllowed: boolean): string {
  const length = prefix.length + digits.length;
  if (length >= width) return prefix + digits;
  if (flags.includes("-")) return (prefix + digits).padEnd(width);
  if (flags.includes("0") && zeroAllowed) return prefix + digits.padStart(width - prefix.length, "0");
  return (prefix + digits).padStart(width);
}

export function formatString({ flags, width, precision }: Conversion, text: string): string {
  const cut = precision === undefined ? text : text.slice(0, precision);
  return flags.includes("-") ? cut.padEnd(width) : cut.padStart(width);
}

export const conversionPattern = /^%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh|h|ll|l|j|z|t|L)?(.)/s;
