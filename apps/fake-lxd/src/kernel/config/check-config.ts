/** A whole configuration of an instance or a profile: unknown keys, bad values, keys that exclude one another. */
import { failure, LxdFailure } from "../errors.ts";
import { checkRefusedKeys } from "../raw-lxc/refused.ts";
import type { Config } from "../records.ts";
import { machineKeys, validatorFor } from "./instance-keys.ts";

/** Old name -> new name. Both at once are refused. */
const renamed: Readonly<Record<string, string>> = {
  "security.syscalls.blacklist": "security.syscalls.deny",
  "security.syscalls.blacklist_compat": "security.syscalls.deny_compat",
  "security.syscalls.blacklist_default": "security.syscalls.deny_default",
  "security.syscalls.whitelist": "security.syscalls.allow",
};

function checkKey(key: string, value: string, profile: boolean): void {
  if (profile && key.startsWith("volatile.")) throw failure("Volatile keys can only be set on instances");
  if (profile && key.startsWith("image.")) throw failure("Image keys can only be set on instances");
  const validator = validatorFor(key) ?? (profile ? machineKeys[key] : undefined);
  if (validator === undefined) throw failure(`Unknown configuration key: ${key}`);
  // An empty value is on its way out of the configuration.
  const wrong = value === "" ? undefined : validator(value);
  if (wrong !== undefined) throw failure(wrong);
}

function checkExclusions(config: Config): void {
  for (const [old, current] of Object.entries(renamed)) {
    if (config[old] && config[current]) throw failure(`Mutually exclusive keys ${current} and ${old} are set`);
  }
  const has = (...names: string[]) => names.some((name) => config[`security.syscalls.${name}`]);
  const denies = has("deny", "deny_default", "deny_compat", "blacklist", "blacklist_default", "blacklist_compat");
  const allows = has("allow", "whitelist");
  if (config["raw.seccomp"] && (denies || allows)) {
    throw failure("raw.seccomp is mutually exclusive with security.syscalls*");
  }
  if (denies && allows) throw failure("security.syscalls.allow is mutually exclusive with security.syscalls.deny*");
}

/** Throws LXD's text without any context in front; status 500. */
export function checkConfig(config: Config, profile: boolean): void {
  for (const key of Object.keys(config)) checkKey(key, config[key] ?? "", profile);
  checkRefusedKeys(config["raw.lxc"] ?? "");
  checkExclusions(config);
}

/** The same failure as a mistake of the client (400), whatever it is, as the profile create call answers it. */
export function asBadRequest(error: unknown): never {
  if (error instanceof LxdFailure) throw new LxdFailure(400, error.message);
  throw error;
}
