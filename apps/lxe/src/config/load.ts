/** From sources to a validated config. Pure: what needs the host is in `host-check.ts`. */
import type { Config, ConfigKey } from "./config.ts";
import { camelCase, CONFIG_KEYS, settingOf } from "./config.ts";
import { readEnvironment, readFlags, readYaml } from "./sources.ts";
import type { SourceKind, SourcedValue, SourcedValues } from "./sources.ts";

export interface ConfigInput {
  readonly flags: Readonly<Partial<Record<ConfigKey, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly text: string } | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly sources: Readonly<Record<ConfigKey, SourceKind>>;
}

/** All mistakes at once, a sentence each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
}

function validate(key: ConfigKey, { value, origin }: SourcedValue, problems: string[]): unknown {
  const result = settingOf(key).schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) problems.push(`${origin}: ${issue.message}, not ${show(value)}`);
  return undefined;
}

/** Rules that concern several settings, or what this version can do. */
function validateTogether(config: Config): string[] {
  if (config.networkPlugin !== "cni") return [];
  return ["network-plugin: cni is not available in this version; use bridge"];
}

/** Reads, merges and checks. Throws {@link ConfigError}. */
export function loadConfig({ flags, environment, file }: ConfigInput): LoadedConfig {
  const fromFile = file === undefined ? { values: {}, problems: [] } : readYaml(file.path, file.text);
  const fromEnvironment = readEnvironment(environment);
  const given: SourcedValues = { ...fromFile.values, ...fromEnvironment.values, ...readFlags(flags) };
  const problems = [...fromFile.problems, ...fromEnvironment.problems];
  const values: Record<string, unknown> = {};
  const sources: Partial<Record<ConfigKey, SourceKind>> = {};
  for (const key of CONFIG_KEYS) {
    const sourced = given[key];
    sources[key] = sourced?.kind ?? "default";
    values[camelCase(key)] = sourced === undefined ? settingOf(key).defaultValue : validate(key, sourced, problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const config = values as Config;
  const conflicts = validateTogether(config);
  if (conflicts.length > 0) throw new ConfigError(conflicts);
  return { config, sources: sources as Record<ConfigKey, SourceKind> };
}
