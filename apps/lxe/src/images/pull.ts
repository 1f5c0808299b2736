/** PullImage without the wire: asks the sources in order, and joins equal pulls. */
import { InvalidArgumentError } from "@lxe/cri";
import type { ImageSource } from "./image-source.ts";
import { missingLocally } from "./pull-errors.ts";
import { createSharedTasks } from "./shared-tasks.ts";
import type { ImageStore } from "./store.ts";
import type { ImageRecord, PullRequest } from "./types.ts";

/** The sources are asked in this order; the first that claims the reference pulls it. */
export function createPuller(
  store: ImageStore,
  sources: readonly ImageSource[],
): (request: PullRequest, signal: AbortSignal) => Promise<ImageRecord> {
  const pulls = createSharedTasks<ImageRecord>();

  return async ({ reference, auth }, signal) => {
    signal.throwIfAborted();
    if (reference === "") throw new InvalidArgumentError("the image reference is empty");
    for (const source of sources) {
      const plan = source.plan(reference, auth);
      if (plan !== undefined) return await pulls.run(plan.key, (shared) => plan.pull(shared), signal);
    }
    const tags = store.catalog.records.flatMap((record) => record.repoTags);
    throw missingLocally(reference, tags, store.remotes);
  };
}
