/** The effective config as YAML that can be used as a config file; comments name the source of each value. */
import { stringify } from "yaml";
import type { ConfigKey } from "./config.ts";
import { camelCase, CONFIG_KEYS, settingOf } from "./config.ts";
import type { LoadedConfig } from "./load.ts";

function showSetting(key: ConfigKey, value: unknown, source: string): string {
  // Keys without a value count as not set.
  if (value === undefined) return `${key}: # ${source}: ${settingOf(key).defaultNote}\n`;
  const shown = stringify({ [key]: value }, { collectionStyle: "flow", flowCollectionPadding: false });
  return `${shown.slice(1, -2)} # ${source}\n`;
}

export function showConfig({ config, sources }: LoadedConfig): string {
  const values: Readonly<Record<string, unknown>> = { ...config };
  return CONFIG_KEYS.map((key) => showSetting(key, values[camelCase(key)], sources[key])).join("");
}
