/** Where LXD or Incus listens, as configured or where it is found, and where in it lxe's instances are. */
import { guessSocketPath } from "@lxe/lxd-client";
import type { Config } from "./config/config.ts";

/** Where nothing was found: of Debian's LXD, which may come later. */
const DEFAULT_LXD_SOCKET = "/var/lib/lxd/unix.socket";

export function lxdSocketOf({ lxdSocket }: Pick<Config, "lxdSocket">, environment: NodeJS.ProcessEnv): string {
  return lxdSocket ?? guessSocketPath(environment) ?? DEFAULT_LXD_SOCKET;
}

/** As LXD's client takes it: undefined for the default project. */
export function lxdProjectOf({ lxdProject }: Pick<Config, "lxdProject">): string | undefined {
  return lxdProject === "default" ? undefined : lxdProject;
}

/** What LXC calls an instance. */
export function lxcNameOf(config: Pick<Config, "lxdProject">, instance: string): string {
  const project = lxdProjectOf(config);
  return project === undefined ? instance : `${project}_${instance}`;
}
