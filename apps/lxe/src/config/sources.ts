/** Where values come from, and which source wins: flags, then `LXE_*` environment variables, then the YAML file. */
import { parse } from "yaml";
import type { ConfigKey } from "./config.ts";
import { CONFIG_KEYS, isConfigKey, settingOf } from "./config.ts";
import { FORMER_KEYS } from "./former-keys.ts";
import { nearest } from "./suggest.ts";

export type SourceKind = "flag" | "environment" | "file" | "default";

/** A value before validation. */
export interface SourcedValue {
  readonly value: unknown;
  readonly kind: SourceKind;
  /** What the user wrote it as: `--socket`, `LXE_SOCKET`, `/etc/lxe.yaml: socket`. */
  readonly origin: string;
}

export type SourcedValues = Readonly<Partial<Record<ConfigKey, SourcedValue>>>;

export interface ReadSource {
  readonly values: SourcedValues;
  /** Sentences for people, one for each mistake. */
  readonly problems: readonly string[];
}

const ENVIRONMENT_PREFIX = "LXE_";
/** Names the file itself, so it cannot be in it. */
export const CONFIG_FILE_VARIABLE = "LXE_CONFIG";

/** `lxd-socket` → `LXE_LXD_SOCKET`. */
export function environmentName(key: string): string {
  return ENVIRONMENT_PREFIX + key.toUpperCase().replaceAll("-", "_");
}

/** Numbers and lists, from text; what is no number stays text, for validation to refuse. */
function fromText(key: ConfigKey, text: string): unknown {
  const kind = settingOf(key).text;
  if (kind === "list") return text === "" ? [] : text.split(",").map((item) => item.trim());
  return kind === "number" && /^-?\d+$/u.test(text) ? Number(text) : text;
}

function unknownKey(origin: string, key: string, nearestName: string | undefined): string {
  const former = FORMER_KEYS[key];
  if (former !== undefined) return `${origin} is not a setting of this version: ${former}`;
  return `${origin} is not a setting; did you mean ${nearestName}?`;
}

/** `flags`: by key, as the command line's parser gives them. */
export function readFlags(flags: Readonly<Partial<Record<ConfigKey, string>>>): SourcedValues {
  const values: Partial<Record<ConfigKey, SourcedValue>> = {};
  for (const key of CONFIG_KEYS) {
    const text = flags[key];
    if (text !== undefined) values[key] = { value: fromText(key, text), kind: "flag", origin: `--${key}` };
  }
  return values;
}

/** An empty variable counts as not set. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): ReadSource {
  const keys = new Map(CONFIG_KEYS.map((key) => [environmentName(key), key]));
  const values: Partial<Record<ConfigKey, SourcedValue>> = {};
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(ENVIRONMENT_PREFIX) || variable === CONFIG_FILE_VARIABLE || !text) continue;
    const key = keys.get(variable);
    if (key === undefined) {
      const wanted = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll("_", "-");
      problems.push(unknownKey(variable, wanted, nearest(variable, [...keys.keys()])));
    } else {
      values[key] = { value: fromText(key, text), kind: "environment", origin: variable };
    }
  }
  return { values, problems };
}

/** `text`: the YAML file's content: a flat mapping of keys. A key without a value counts as not set. */
export function readYaml(path: string, text: string): ReadSource {
  let content: unknown;
  try {
    content = parse(text) ?? {};
  } catch (error) {
    return { values: {}, problems: [`${path}: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return { values: {}, problems: [`${path} must be a mapping of settings, as "socket: /run/lxe.sock"`] };
  }
  const values: Partial<Record<ConfigKey, SourcedValue>> = {};
  const problems: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    const origin = `${path}: ${key}`;
    if (!isConfigKey(key)) problems.push(unknownKey(origin, key, nearest(key, CONFIG_KEYS)));
    else if (value !== null) values[key] = { value, kind: "file", origin };
  }
  return { values, problems };
}
