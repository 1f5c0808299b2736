/** Where LXD or Incus listens: as configured, or where it is found. */
import { guessSocketPath } from "@lxe/lxd-client";
import type { Config } from "./config/config.ts";

/** Where nothing was found: of Debian's LXD, which may come later. */
const DEFAULT_LXD_SOCKET = "/var/lib/lxd/unix.socket";

export function lxdSocketOf({ lxdSocket }: Pick<Config, "lxdSocket">, environment: NodeJS.ProcessEnv): string {
  return lxdSocket ?? guessSocketPath(environment) ?? DEFAULT_LXD_SOCKET;
}
