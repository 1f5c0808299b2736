/** /sbin/init of a system container: idles, and ends cleanly when the container is asked to stop. */
import { isErrno } from "../core/errno.ts";
import { SIGPWR, SIGRTMIN } from "../core/signals.ts";
import { waitFor } from "../sys/processes.ts";
import type { Applet } from "./lib/applet.ts";

const shutdownSignals = [SIGPWR, SIGRTMIN + 3];

export const init: Applet = async ({ process }) => {
  const state = { stopping: false };
  for (const signal of shutdownSignals) {
    process.setDisposition(signal, {
      handler: () => {
        state.stopping = true;
      },
      restart: false,
    });
  }
  while (!state.stopping) {
    try {
      await waitFor(process, () => true);
    } catch (error) {
      if (isErrno(error, "ECHILD"))
        await process
          .block(process.childChanged, () => (process.children.size > 0 || state.stopping ? true : undefined))
          .catch(ignoreInterrupt);
      else if (!isErrno(error, "EINTR")) throw error;
    }
  }
  return 0;
};

function ignoreInterrupt(error: unknown): void {
  if (!isErrno(error, "EINTR")) throw error;
}
