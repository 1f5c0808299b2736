/** Things that are made at once and end at once: each step on the file system waits for a thread, so one after the other adds up. */

export interface Together<T extends readonly AsyncDisposable[]> extends AsyncDisposable {
  readonly all: T;
}

/** Rejects when one cannot be made; those that were are disposed of first. */
export async function makeTogether<T extends readonly AsyncDisposable[]>(
  making: { readonly [K in keyof T]: Promise<T[K]> },
): Promise<Together<T>> {
  const results = await Promise.allSettled<AsyncDisposable>(making);
  const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const dispose = async (): Promise<void> => {
    await Promise.all(made.map((one) => one[Symbol.asyncDispose]()));
  };
  const failure = results.find((result) => result.status === "rejected");
  if (failure) {
    await dispose();
    throw failure.reason;
  }
  return { all: made as readonly AsyncDisposable[] as T, [Symbol.asyncDispose]: dispose };
}
