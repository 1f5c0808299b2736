/** A process that pumps until it is killed: `node pump-process.ts DIRECTORY STATE LOG`. Says `started` on stdout. */
import { createLogger } from "../../platform/logger.ts";
import { createSystemClock } from "../../platform/system-clock.ts";
import { createSystemHostFiles } from "../../platform/system-host-files.ts";
import { LOG_LIMITS } from "../../limits.ts";
import { openLogPump } from "../log-pump.ts";

const [directory = "", statePath = "", logPath = ""] = process.argv.slice(2);
const pump = openLogPump({
  directory,
  statePath,
  logPath,
  clock: createSystemClock(),
  files: createSystemHostFiles(),
  log: createLogger({ level: "warn", format: "text" }),
  limits: { ...LOG_LIMITS, readBytesMax: 32 * 1024, checkpointBytes: 64 * 1024 },
});
await pump.start();
process.stdout.write("started\n");
// A pending read keeps the process alive.
process.stdin.resume();
