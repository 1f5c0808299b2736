/** `lxe serve`: composes the daemon, runs it until a signal, and tells systemd. */
import type { Config } from "../config/config.ts";
import { checkOnHost } from "../config/host-check.ts";
import { ConfigError } from "../config/load.ts";
import { createLxe } from "../lxe.ts";
import { collectInOnePause, releaseMemoryWhenQuiet } from "../platform/garbage.ts";
import { createLogger } from "../platform/logger.ts";
import { nextStopSignal } from "../platform/signals.ts";
import { DAEMON_UMASK } from "../platform/socket.ts";
import { createNotify } from "../platform/systemd-notify.ts";
import { VERSION } from "../platform/version.ts";

/** Resolves when the daemon has closed after a signal; rejects when it cannot start. */
export async function serve(config: Config): Promise<void> {
  const problems = await checkOnHost(config);
  if (problems.length > 0) throw new ConfigError(problems);
  process.umask(DAEMON_UMASK);
  collectInOnePause();
  releaseMemoryWhenQuiet();
  const log = createLogger({ level: config.logLevel, format: config.logFormat });
  const notify = createNotify(process.env["NOTIFY_SOCKET"], log);
  const stopSignal = nextStopSignal();
  const lxe = createLxe({ config, log });
  await lxe.start();
  log.info({ version: VERSION, socket: config.socket }, "ready");
  await notify("READY");
  log.info({ signal: await stopSignal }, "stopping; pods go on running");
  await notify("STOPPING");
  await lxe.close();
}
