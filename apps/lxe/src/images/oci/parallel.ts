/** Work on many things, a few at a time. */

/**
 * The results in the order of the items. After the first failure nothing more is begun and what runs is aborted; rejects with that
 * failure once all has ended.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atATime: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal, position: number) => Promise<Result>,
): Promise<Result[]> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [position, item] of queue) {
      either.throwIfAborted();
      results[position] = await work(item, either, position);
    }
  };
  const workers = Array.from({ length: Math.min(atATime, items.length) }, async () => {
    try {
      await worker();
    } catch (error) {
      failure.abort(error);
    }
  });
  await Promise.all(workers);
  signal.throwIfAborted();
  if (failure.signal.aborted) throw failure.signal.reason;
  return results;
}
