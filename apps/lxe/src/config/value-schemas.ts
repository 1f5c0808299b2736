/** Schemas for kinds of values that more than one setting has, each with an error in plain words. */
import { isIPv4 } from "node:net";
import { isAbsolute, normalize } from "node:path";
import { z } from "zod";

/** What 0 means for settings that limit something. */
export const NO_LIMIT = 0;
/** The kernel's own bound on process ids (PID_MAX_LIMIT). */
const PROCESS_COUNT_MAX = 4_194_304;
/** More than any image has; bounds what a mistyped number lets in. */
const IMAGE_GIB_MAX = 1024;

export const absolutePath: z.ZodType<string> = z
  .string("must be a path")
  .refine((path) => isAbsolute(path) && !path.includes("\0"), "must be an absolute path")
  .transform((path) => normalize(path));

/** Names of LXD's projects, profiles, pools and remotes. */
export const name: z.ZodType<string> = z
  .string("must be a name")
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, "must be a name of letters, digits, '-', '_' and '.'");

/** The kernel takes interface names of at most 15 bytes. */
export const bridgeName: z.ZodType<string> = z
  .string("must be a name")
  .regex(
    /^[A-Za-z][A-Za-z0-9._-]{0,14}$/u,
    "must be a network interface name: at most 15 letters, digits, '-', '_', '.'",
  );

function addressNumber(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

function isAddressRange(text: string): boolean {
  const [first, last, ...rest] = text.split("-");
  if (first === undefined || last === undefined || rest.length > 0) return false;
  return isIPv4(first) && isIPv4(last) && addressNumber(first) <= addressNumber(last);
}

export const addressRange: z.ZodType<string> = z
  .string("must be a range of addresses")
  .refine(isAddressRange, "must be two IPv4 addresses, FIRST-LAST, the lower one first");

export const processCount: z.ZodType<number> = z
  .int("must be a whole number")
  .min(NO_LIMIT, "must not be negative")
  .max(PROCESS_COUNT_MAX, `must be at most ${PROCESS_COUNT_MAX}`);

export const imageSizeGib: z.ZodType<number> = z
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(IMAGE_GIB_MAX, `must be at most ${IMAGE_GIB_MAX}`);

/** One of `values`, exactly as written. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values): z.ZodType<Values[number]> {
  return z.enum(values, `must be one of ${values.join(", ")}`);
}

const HOST_AND_PORT = /^(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?<port>\d{1,5})$/u;
const PORT_MAX = 65_535;

export interface HostAndPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Of a text that `hostAndPort` has let through. Undefined for any other. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const { host, port } = HOST_AND_PORT.exec(text)?.groups ?? {};
  if (host === undefined || Number(port) > PORT_MAX) return undefined;
  return { host: host.replaceAll(/[[\]]/gu, ""), port: Number(port) };
}

export const hostAndPort: z.ZodType<string> = z
  .string("must be an address")
  .refine(
    (text) => parseHostAndPort(text) !== undefined,
    "must be HOST:PORT, the host of an IPv6 address in brackets, the port at most 65535",
  );

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ["http:", "https:"].includes(url.protocol) && url.search === "" && url.hash === "";
}

export const baseUrl: z.ZodType<string> = z
  .string("must be a URL")
  .refine(isBaseUrl, "must be an http or https URL without a query");
