/** The config of this process: its command line, its environment, its file. */
import { readFile } from "node:fs/promises";
import { ConfigError, loadConfig } from "../config/load.ts";
import type { ConfigInput, LoadedConfig } from "../config/load.ts";
import { CONFIG_FILE_VARIABLE } from "../config/sources.ts";
import { givenFlags } from "./options.ts";

async function readConfigFile(path: string): Promise<ConfigInput["file"]> {
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (error) {
    throw new ConfigError([`config: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** `options`: as commander gives them. Throws {@link ConfigError}. */
export async function readConfig(options: Readonly<Record<string, unknown>>): Promise<LoadedConfig> {
  const { config } = options;
  const path = typeof config === "string" ? config : process.env[CONFIG_FILE_VARIABLE];
  const file = path === undefined || path === "" ? undefined : await readConfigFile(path);
  return loadConfig({ flags: givenFlags(options), environment: process.env, file });
}
