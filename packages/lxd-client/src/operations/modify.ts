/** Read, change, write with the ETag, and again if somebody else wrote in between. */
import type { CallOptions, ModifyOptions, Tagged, WriteOptions } from "../api/options.ts";
import { Backoff } from "../backoff.ts";
import type { Context } from "../context.ts";
import { isLxdError } from "../errors.ts";
import { sleep } from "../transport/abort.ts";

export interface Modification<Value, Body> {
  read: (options: CallOptions | undefined) => Promise<Tagged<Value>>;
  /** What to write, or undefined for no change. */
  change: (value: Value) => Body | undefined;
  write: (body: Body, options: WriteOptions) => Promise<unknown>;
}

export async function modify<Value, Body>(
  context: Pick<Context, "clock" | "random" | "limits">,
  { read, change, write }: Modification<Value, Body>,
  options: ModifyOptions | undefined,
): Promise<void> {
  const { clock, limits, random } = context;
  const attemptsMax = options?.attemptsMax ?? limits.conflictAttemptsMax;
  const backoff = new Backoff(limits.busyDelayMs / 10, limits.busyDelayMaxMs, random);
  for (let attempt = 1; ; attempt++) {
    const { value, etag } = await read({ signal: options?.signal });
    const body = change(value);
    if (body === undefined) return;
    try {
      await write(body, { ...options, etag });
      return;
    } catch (error) {
      if (!isLxdError(error, "conflict") || attempt >= attemptsMax) throw error;
    }
    await sleep(clock, backoff.nextMs(), options?.signal);
  }
}
