/** All settings in one place, and the type of a config that has passed validation. */
import type { z } from "zod";
import type { Section, Setting } from "./setting.ts";
import { daemonSection } from "./section-daemon.ts";
import { lxdSection } from "./section-lxd.ts";
import { networkSection } from "./section-network.ts";
import { podsSection } from "./section-pods.ts";
import { streamingSection } from "./section-streaming.ts";

/** In the order of the documentation. */
export const SECTIONS: readonly Section[] = [daemonSection, lxdSection, podsSection, networkSection, streamingSection];

type Settings = typeof daemonSection.settings &
  typeof lxdSection.settings &
  typeof podsSection.settings &
  typeof networkSection.settings &
  typeof streamingSection.settings;

export type ConfigKey = keyof Settings;

type CamelCase<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text;

type OptionalKey =
  | "lxd-socket"
  | "lxd-storage-pool"
  | "lxd-remote-config"
  | "registry-config-dir"
  | "bridge-dhcp-range"
  | "streaming-baseurl"
  | "streaming-tls-cert"
  | "streaming-tls-key";

type ValueOf<Key extends ConfigKey> = Settings[Key] extends Setting<infer Schema> ? z.infer<Schema> : never;

/**
 * The effective settings: the kebab-case keys of docs/user/config.md in camelCase. Undefined means "find out yourself",
 * as the documented default says.
 */
export type Config = {
  readonly [Key in ConfigKey as CamelCase<Key>]: Key extends OptionalKey ? ValueOf<Key> | undefined : ValueOf<Key>;
};

const SETTINGS = {
  ...daemonSection.settings,
  ...lxdSection.settings,
  ...podsSection.settings,
  ...networkSection.settings,
  ...streamingSection.settings,
} satisfies Settings;

export const CONFIG_KEYS = Object.keys(SETTINGS) as readonly ConfigKey[];

export function settingOf(key: ConfigKey): Setting {
  return SETTINGS[key];
}

export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(SETTINGS, key);
}

/** `lxd-socket` → `lxdSocket`. */
export function camelCase(key: string): string {
  return key.replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}

/** A config of all defaults, changed by `overrides`: for tests and for composing lxe without a command line. */
export function createConfig(overrides: Partial<Config> = {}): Config {
  const defaults = Object.fromEntries(CONFIG_KEYS.map((key) => [camelCase(key), settingOf(key).defaultValue]));
  return { ...(defaults as Config), ...overrides };
}
