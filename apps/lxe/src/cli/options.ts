/** The settings as options of a command. */
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { ConfigKey } from "../config/config.ts";
import { camelCase, CONFIG_KEYS, SECTIONS } from "../config/config.ts";
import { FORMER_KEYS } from "../config/former-keys.ts";
import type { Setting } from "../config/setting.ts";

function helpOf({ help, defaultValue, defaultNote }: Setting): string {
  const shown = defaultNote ?? (Array.isArray(defaultValue) ? defaultValue.join(",") : String(defaultValue));
  return `${help} (default: ${shown})`;
}

function formerOption(key: string, advice: string): Option {
  return new Option(`--${key} [value]`)
    .hideHelp()
    .preset("")
    .argParser(() => {
      throw new InvalidArgumentError(`It is not a setting of this version: ${advice}.`);
    });
}

/** Adds an option for each setting, `--config`, and a helpful error for each setting of the first LXE that is gone. */
export function addConfigOptions(command: Command): Command {
  command.option("--config <PATH>", "YAML file with settings");
  for (const { title, settings } of SECTIONS) {
    command.optionsGroup(`${title}:`);
    for (const [key, setting] of Object.entries(settings)) {
      command.option(`--${key} <${setting.placeholder}>`, helpOf(setting));
    }
  }
  for (const [key, advice] of Object.entries(FORMER_KEYS)) command.addOption(formerOption(key, advice));
  return command;
}

/** The options that were given, by key. */
export function givenFlags(options: Readonly<Record<string, unknown>>): Partial<Record<ConfigKey, string>> {
  const flags: Partial<Record<ConfigKey, string>> = {};
  for (const key of CONFIG_KEYS) {
    const value = options[camelCase(key)];
    if (typeof value === "string") flags[key] = value;
  }
  return flags;
}
