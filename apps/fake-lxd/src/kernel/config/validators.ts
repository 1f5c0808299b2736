/** Checks of single values, with LXD's texts. A validator returns why the value is refused, or undefined. */
import { isIPv4, isIPv6 } from "node:net";

export type Validator = (value: string) => string | undefined;

export const anything: Validator = () => undefined;

const truths = new Set(["true", "1", "yes", "on"]);
const lies = new Set(["false", "0", "no", "off"]);

export function isTrue(value: string | undefined): boolean {
  return value !== undefined && truths.has(value.toLowerCase());
}

export const boolean: Validator = (value) =>
  truths.has(value.toLowerCase()) || lies.has(value.toLowerCase())
    ? undefined
    : `Invalid value for a boolean ${JSON.stringify(value)}`;

export const integer: Validator = (value) =>
  /^[+-]?\d+$/.test(value) ? undefined : `Invalid value for an integer ${JSON.stringify(value)}`;

export const uint32: Validator = (value) => {
  if (!/^\d+$/.test(value)) {
    const text = JSON.stringify(value);
    return `Invalid value for uint32 ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`;
  }
  return Number(value) > 0xffffffff
    ? `Invalid value for uint32 "${value}": strconv.ParseUint: parsing "${value}": value out of range`
    : undefined;
};

export const priority: Validator = (value) => {
  const wrong = integer(value);
  if (wrong !== undefined) return wrong;
  return Number(value) < 0 || Number(value) > 10
    ? `Invalid value for a limit "${value}". Must be between 0 and 10`
    : undefined;
};

export function oneOf(...values: string[]): Validator {
  return (value) =>
    values.includes(value) ? undefined : `Invalid value ${JSON.stringify(value)} (not one of [${values.join(" ")}])`;
}

export const uuid: Validator = (value) =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? undefined : "Invalid UUID";

const sizeUnits: Record<string, number> = {
  "": 1,
  B: 1,
  bytes: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  EB: 1e18,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
  EiB: 2 ** 60,
};

/** Bytes of a size with LXD's units, or undefined when it is none. */
export function parseSize(value: string): number | undefined {
  const [, digits, unit] = /^(\d+)([A-Za-z]*)$/.exec(value) ?? [];
  const factor = unit === undefined ? undefined : sizeUnits[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

export const size: Validator = (value) => (parseSize(value) === undefined ? `Invalid value: ${value}` : undefined);

export const memoryLimit: Validator = (value) => {
  if (/^\d+%$/.test(value)) return Number.parseInt(value, 10) === 0 ? "Memory limit can't be 0%" : undefined;
  const bytes = parseSize(value);
  if (bytes === undefined) return `Invalid value: ${value}`;
  return bytes === 0 ? "Memory limit can't be 0" : undefined;
};

export const cpuLimit: Validator = (value) => {
  if (/^\d+$/.test(value)) return undefined;
  const seen = new Set<number>();
  for (const part of value.split(",")) {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined) return "Invalid CPU limit syntax";
    for (let cpu = Number(from); cpu <= Number(to ?? from); cpu++) {
      if (seen.has(cpu)) return "Cannot define CPU multiple times";
      seen.add(cpu);
    }
  }
  return undefined;
};

const notANumber = (text: string) => `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;

export const cpuAllowance: Validator = (value) => {
  if (value.endsWith("%")) {
    const percent = value.slice(0, -1);
    return /^\d+$/.test(percent) ? undefined : notANumber(percent);
  }
  const fields = value.split("/");
  if (fields.length !== 2) return `Invalid allowance: ${value}`;
  for (const field of fields) {
    const number = field.replace(/ms$/, "");
    if (!/^\d+$/.test(number)) return notANumber(number);
  }
  return undefined;
};

export const environmentValue: Validator = (value) =>
  value.includes("\n") ? "Environment variables cannot contain line breaks" : undefined;

export const schedule: Validator = (value) =>
  /^@(hourly|daily|midnight|weekly|monthly|annually|yearly|startup|never)(,\s*@\w+)*$/.test(value) ||
  value.trim().split(/\s+/).length === 5
    ? undefined
    : "Schedule must be of the form: <minute> <hour> <day-of-month> <month> <day-of-week>";

export const expiry: Validator = (value) =>
  /^\d+[MHdwmy](\s+\d+[MHdwmy])*$/.test(value) ? undefined : "Invalid expiry expression";

export const hardwareAddress: Validator = (value) =>
  /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)
    ? undefined
    : "Invalid MAC address, must be 6 bytes of hex separated by colons";

export const interfaceName: Validator = (value) => {
  if (value.length < 2) return "Network interface is too short (minimum 2 characters)";
  if (value.length > 15) return "Network interface is too long (maximum 15 characters)";
  return /^[-_a-zA-Z0-9.]+$/.test(value) ? undefined : "Network interface contains invalid characters";
};

export const octalMode: Validator = (value) =>
  /^[0-7]{1,4}$/.test(value) ? undefined : "Invalid value for an octal file mode";

export const required: Validator = (value) => (value === "" ? "Required value" : undefined);

/** `a.b.c.d/n` */
export const ipv4Cidr: Validator = (value) => (isCidr(value, 4) ? undefined : `invalid CIDR address: ${value}`);
export const ipv6Cidr: Validator = (value) => (isCidr(value, 6) ? undefined : `invalid CIDR address: ${value}`);

export function isCidr(value: string, version: 4 | 6): boolean {
  const [address = "", prefix, ...rest] = value.split("/");
  if (prefix === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return false;
  return version === 4 ? isIPv4(address) && Number(prefix) <= 32 : isIPv6(address) && Number(prefix) <= 128;
}

/** The empty value stands for "not set" and is always fine. */
export function optional(validator: Validator): Validator {
  return (value) => (value === "" ? undefined : validator(value));
}
