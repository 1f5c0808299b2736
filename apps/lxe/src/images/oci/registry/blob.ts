/** A large download that survives broken connections. Does not verify what comes. */
import { RegistryProtocolError, RegistryUnavailableError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";
import type { Descriptor } from "../manifest/manifest.ts";
import { type Answer, discard, type ExchangeDeps, headerOf, readLarge } from "./http/exchange.ts";
import { pause, type RetryDeps } from "./http/retry.ts";
import { TransientError } from "./http/transient.ts";

interface BlobDeps {
  readonly clock: ExchangeDeps["clock"] & RetryDeps["clock"];
  readonly random: RetryDeps["random"];
  readonly limits: OciLimits;
  readonly image: string;
  readonly signal: AbortSignal;
}

/**
 * `open` sends the request, with a Range header after the first time. Gives up when it breaks several times in a row without much
 * between.
 */
export async function* downloadBlob(
  deps: BlobDeps,
  { digest, size }: Descriptor,
  open: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
): AsyncGenerator<Uint8Array> {
  const { limits, signal } = deps;
  let received = 0;
  let receivedAtFailure = 0;
  for (let failures = 0; received < size || failures === 0; ) {
    try {
      const answer = await open(received === 0 ? {} : { range: `bytes=${received}-` });
      for await (const chunk of rest(deps, answer, received)) {
        received += chunk.length;
        yield chunk;
      }
      if (received >= size) return;
      throw new TransientError(`${answer.url.origin} ends a download of ${size} bytes after ${received}`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      failures = received - receivedAtFailure >= limits.stallBytes ? 1 : failures + 1;
      receivedAtFailure = received;
      if (failures >= limits.attemptsMax) {
        throw new RegistryUnavailableError(`cannot pull ${deps.image}: ${digest}: ${error.message}`, { cause: error });
      }
      await pause(deps, failures, error.retryAfterMs, signal);
    }
  }
}

/** The bytes from `received` on, whether or not the server knows ranges. */
async function* rest(deps: BlobDeps, answer: Answer, received: number): AsyncGenerator<Uint8Array> {
  let skip = received;
  if (answer.status === 206) {
    checkRange(answer, received);
    skip = 0;
  }
  for await (const chunk of readLarge(deps, answer, deps.signal)) {
    const dropped = Math.min(skip, chunk.length);
    skip -= dropped;
    if (dropped < chunk.length) yield chunk.subarray(dropped);
  }
}

function checkRange(answer: Answer, received: number): void {
  const first = /^bytes (\d+)-/u.exec(headerOf(answer, "content-range") ?? "")?.[1];
  if (Number(first) === received) return;
  discard(answer);
  throw new RegistryProtocolError(`${answer.url.host} continues a download at another place than asked`);
}
