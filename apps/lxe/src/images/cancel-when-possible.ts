/** Cancels an operation of LXD at the first moment that LXD allows it. */
import type { LxdClient, Operation } from "@lxe/lxd-client";

/**
 * Returns a listener for the operation's updates. A download cannot be cancelled in its first moments, while LXD still reads the
 * server's index: an abort then would leave LXD downloading for nobody. LXD 5.0.2, cancelled between the two files of an image, can still
 * go on to the end; the image is then there without a name, for the next pull or for the kubelet's garbage collection.
 */
export function cancelWhenPossible(
  operations: Pick<LxdClient["operations"], "cancel">,
  signal: AbortSignal,
): (operation: Operation) => void {
  let latest: Operation | undefined;
  let asked = false;

  function cancelIfPossible(): void {
    if (asked || !signal.aborted || latest?.may_cancel !== true) return;
    asked = true;
    operations.cancel(latest.id).catch(() => {
      // It has ended, or was not ready for it after all: the next update tells.
      asked = false;
    });
  }

  signal.addEventListener("abort", cancelIfPossible, { once: true });
  return (operation) => {
    latest = operation;
    cancelIfPossible();
  };
}
