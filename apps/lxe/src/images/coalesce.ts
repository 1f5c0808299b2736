/** Makes many requests for one and the same piece of work into few runs of it. */

/**
 * Runs `work` at most once at a time. A call while it runs waits for one further run, which begins after the present one and which
 * all such calls share: what a caller knew before it called is always seen by the run that it waits for.
 */
export function coalesce(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  function begin(): Promise<void> {
    following = undefined;
    running = work().finally(() => {
      running = undefined;
    });
    return running;
  }

  return () => {
    if (following !== undefined) return following;
    if (running === undefined) return begin();
    following = running.then(begin, begin);
    return following;
  };
}
