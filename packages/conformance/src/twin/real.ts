/** The real LXD of the pair: the one that the environment names, else one of its own for as long as it is used. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { hostLxd, noLxdReason } from "../arms/host-lxd.ts";
import { LXD_SCRIPT } from "../support/paths.ts";
import type { TwinsOptions } from "./twins.ts";

export interface RealLxd extends AsyncDisposable, TwinsOptions {}

export interface NoLxd extends AsyncDisposable {
  /** Why there is none. */
  readonly skipped: string;
}

const OWN = { directory: "/tmp/lxe-twin-lxd", bridge: "lxetwin0", subnet: "10.137.1.1/24" };
const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };

export async function realLxdForTwins(): Promise<RealLxd | NoLxd> {
  const busybox = process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox";
  if (!existsSync(busybox)) return { ...nothing, skipped: `no static busybox at ${busybox}` };
  const given = hostLxd(process.env);
  if (given) return { ...nothing, realSocket: given.socket, busybox };
  const reason = noLxdReason();
  if (reason !== undefined) return { ...nothing, skipped: reason };
  const run = promisify(execFile);
  const env = { ...process.env, BRIDGE: OWN.bridge, SUBNET: OWN.subnet };
  await run(LXD_SCRIPT, ["start", OWN.directory], { env });
  return {
    realSocket: join(OWN.directory, "unix.socket"),
    busybox,
    [Symbol.asyncDispose]: async () => void (await run(LXD_SCRIPT, ["stop", OWN.directory], { env })),
  };
}
