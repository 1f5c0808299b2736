/** Tells systemd about the state of the service, by systemd-notify(1): Node has no unix datagram sockets. */
import type { Logger } from "./logger.ts";
import { runCommand } from "./run-command.ts";

const TIMEOUT_MS = 5_000;

export type ServiceState = "READY" | "STOPPING";
export type Notify = (state: ServiceState) => Promise<void>;

/**
 * Does nothing outside of a unit of `Type=notify`. A failure is logged only: systemd then times out and says so itself.
 * The unit needs `NotifyAccess=all`, as the message comes from a child process.
 */
export function createNotify(notifySocket: string | undefined, log: Logger): Notify {
  return async (state) => {
    if (notifySocket === undefined || notifySocket === "") return;
    try {
      await runCommand("systemd-notify", [`--pid=${process.pid}`, `${state}=1`], { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      log.warn({ err: error, state }, "systemd could not be told about the service's state");
    }
  };
}
