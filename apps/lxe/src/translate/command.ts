/** Command, environment and working directory of a container. Pure. */

import { type ContainerConfig, InvalidArgumentError } from "@lxe/cri";
import type { ImageRunConfig } from "../images/types.ts";
import { DEFAULT_PATH } from "../init/process.ts";

/** Names under which the first LXE took cloud-init's input from the environment. */
export const CLOUD_INIT_VARIABLES = ["user-data", "meta-data", "network-config", "vendor-data"] as const;

/** `command` replaces the entrypoint and drops the image's cmd; `args` alone replaces the cmd. */
export function argvOf(config: ContainerConfig, image: ImageRunConfig): string[] {
  const argv =
    config.command.length > 0
      ? [...config.command, ...config.args]
      : [...image.entrypoint, ...(config.args.length > 0 ? config.args : image.cmd)];
  if (argv.length === 0)
    throw new InvalidArgumentError("command is empty, and the image names none: no command specified");
  if (argv.some((word) => word.includes("\0")))
    throw new InvalidArgumentError("command and args cannot hold a NUL byte");
  return argv;
}

export interface EnvironmentInput {
  readonly config: ContainerConfig;
  readonly image: ImageRunConfig;
  readonly hostname: string;
  readonly home: string;
}

/** One character for each byte, so that any bytes survive JSON. */
const asBytes = (text: string): string => Buffer.from(text).toString("latin1");

/**
 * `KEY=value` in order: the image's, then the container's own; defaults only where neither says otherwise. One character
 * stands for one byte (latin1).
 */
export function environmentOf({ config, image, hostname, home }: EnvironmentInput): string[] {
  const entries = new Map<string, string>();
  for (const entry of image.env) {
    const [key = "", ...value] = asBytes(entry).split("=");
    entries.set(key, value.join("="));
  }
  for (const { key, value } of config.envs) {
    if (isCloudInit(key)) continue;
    if (key === "" || key.includes("=") || key.includes("\0")) {
      throw new InvalidArgumentError(`envs: ${JSON.stringify(key)} is no name of a variable`);
    }
    if (value.includes(0)) throw new InvalidArgumentError(`envs: the value of ${key} has a NUL byte`);
    entries.set(asBytes(key), Buffer.from(value).toString("latin1"));
  }
  const defaults = { PATH: DEFAULT_PATH, HOSTNAME: hostname, ...(config.tty && { TERM: "xterm" }), HOME: home };
  for (const [key, value] of Object.entries(defaults)) if (!entries.has(key)) entries.set(key, asBytes(value));
  return [...entries].map(([key, value]) => `${key}=${value}`);
}

/** cloud-init's input as LXD config keys; the first LXE's variable names are kept. */
export function cloudInitConfig(config: ContainerConfig): Record<string, string> {
  return Object.fromEntries(
    config.envs.flatMap(({ key, value }) => (isCloudInit(key) ? [[`user.${key}`, Buffer.from(value).toString()]] : [])),
  );
}

const isCloudInit = (key: string): boolean => (CLOUD_INIT_VARIABLES as readonly string[]).includes(key);

export function workingDirOf(config: ContainerConfig, image: ImageRunConfig): string {
  const cwd = config.workingDir || image.workingDir || "/";
  if (!cwd.startsWith("/") || cwd.includes("\0"))
    throw new InvalidArgumentError(`working_dir is no absolute path: ${JSON.stringify(cwd)}`);
  return cwd;
}
