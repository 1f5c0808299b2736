/** Changes an instance's own configuration, always by a new object: what was made of the old one can be kept as long as that is in use. */
import type { Config, InstanceRecord } from "../records.ts";

/** Undefined takes a key away. */
export function setConfig(instance: InstanceRecord, changes: Readonly<Record<string, string | undefined>>): void {
  instance.config = withChanges(instance.config, changes);
}

export function withChanges(
  before: Readonly<Config>,
  changes: Readonly<Record<string, string | undefined>>,
): Readonly<Config> {
  const config = { ...before };
  for (const key of Object.keys(changes)) {
    const value = changes[key];
    if (value === undefined) delete config[key];
    else config[key] = value;
  }
  return config;
}

/** Takes away the keys that match. */
export function dropConfig(instance: InstanceRecord, matches: (key: string) => boolean): void {
  if (!Object.keys(instance.config).some(matches)) return;
  instance.config = Object.fromEntries(Object.entries(instance.config).filter(([key]) => !matches(key)));
}
