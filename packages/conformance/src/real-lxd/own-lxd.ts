/** A real LXD of one's own for as long as something runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LXD_SCRIPT, WORKSPACE_ROOT } from "../support/paths.ts";

export interface OwnLxd {
  /** Always the same, so that the next run finds what a killed one left. Short: LXD's sockets lie below it. */
  readonly directory: string;
  readonly bridge: string;
  /** The bridge's address, with its prefix length. */
  readonly subnet: string;
  /** `first:count`: host ids that user namespaces may ask for, beside LXD's own. */
  readonly moreIds?: string;
}

const LOG_LINES = 40;

/**
 * `use` finds the LXD by the environment (`arms/host-lxd.ts`); its exit code is the answer, or that of a start that failed. Where failures may be
 * tried once more (`LXE_TEST_RETRIES`), all of it is done again on a new LXD if LXD itself has crashed.
 */
export async function withOwnLxd(lxd: OwnLxd, use: () => Promise<number>): Promise<number> {
  const first = await useOnce(lxd, use);
  if (!first.crashed || !process.env["LXE_TEST_RETRIES"]) return first.code;
  console.error("≈ LXD has crashed, by what its log above says: all of this once more, on a new LXD");
  return (await useOnce(lxd, use)).code;
}

async function useOnce(lxd: OwnLxd, use: () => Promise<number>): Promise<{ code: number; crashed: boolean }> {
  const { directory, bridge, subnet, moreIds = "" } = lxd;
  const network = {
    BRIDGE: process.env["BRIDGE"] ?? bridge,
    SUBNET: process.env["SUBNET"] ?? subnet,
    MORE_IDS: moreIds,
  };
  const started = await run(LXD_SCRIPT, ["start", directory], network);
  try {
    if (started !== 0) return { code: started, crashed: false };
    process.env["LXE_TEST_LXD_DIR"] = directory;
    process.env["LXE_TEST_LXD_SOCKET"] = join(directory, "unix.socket");
    process.env["LXE_TEST_BRIDGE"] = network.BRIDGE;
    const code = await use();
    return { code, crashed: code !== 0 && (await showLog(directory)) };
  } finally {
    await run(LXD_SCRIPT, ["stop", directory], network);
  }
}

/** With the terminal of this process; resolves with its exit code. */
export async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", cwd: WORKSPACE_ROOT, env: { ...process.env, ...env } });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

/** LXD 5.0 can crash; only its log says why, and that goes with its directory. Resolves with whether it did. */
async function showLog(directory: string): Promise<boolean> {
  const log = await readFile(`${directory}.log`, "utf8").catch(() => "");
  const lines = log.split("\n");
  const panic = lines.findIndex((line) => /^(panic|fatal error|SIG[A-Z]+):/.test(line));
  const shown = panic === -1 ? lines.slice(-LOG_LINES) : lines.slice(Math.max(0, panic - 5), panic + LOG_LINES);
  console.error(`LXD's log:\n${shown.join("\n")}`);
  return panic !== -1;
}
