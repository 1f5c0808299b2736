/** One request and its answer, with limits for silence and size. Redirects, credentials and retries are others' business. */
import { type Dispatcher, request } from "undici";
import type { Clock } from "../../../../platform/clock.ts";
import { createStallGuard } from "../../../stall-guard.ts";
import { RegistryProtocolError } from "../../errors.ts";
import type { OciLimits } from "../../limits.ts";
import { TransientError } from "./transient.ts";

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly body: Dispatcher.ResponseData["body"];
}

export interface HttpRequest {
  readonly url: URL;
  readonly method: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly content?: string;
}

export interface ExchangeDeps {
  readonly clock: Pick<Clock, "setTimeout">;
  readonly limits: Pick<OciLimits, "answerMs" | "stallMs" | "stallBytes" | "errorBytesMax">;
}

/**
 * Resolves with the head of the answer.
 * @throws TransientError where none came
 */
export async function exchange(
  { clock, limits }: ExchangeDeps,
  dispatcher: Dispatcher,
  { url, method, headers, content }: HttpRequest,
  signal: AbortSignal,
): Promise<Answer> {
  using guard = createStallGuard(clock, limits.answerMs);
  try {
    const { statusCode, ...answer } = await request(url, {
      dispatcher,
      method,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
      ),
      signal: AbortSignal.any([signal, guard.signal]),
      ...(content !== undefined && { body: content }),
    });
    return { url, status: statusCode, headers: answer.headers, body: answer.body };
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(error, url, guard.signal.aborted ? `no answer in ${limits.answerMs / 1000} s` : undefined);
  }
}

/** A small answer, whole. Ends the connection where it is not small, or takes too long. */
export async function readSmall(
  { clock, limits }: ExchangeDeps,
  { url, body }: Answer,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Buffer> {
  using guard = createStallGuard(clock, limits.answerMs);
  const end = destroyOnAbort(body, AbortSignal.any([signal, guard.signal]));
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      const bytes = bytesOf(chunk);
      length += bytes.length;
      if (length > bytesMax) throw new RegistryProtocolError(`${url.host} answers with more than ${bytesMax} bytes`);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RegistryProtocolError) throw error;
    throw unreachable(
      error,
      url,
      guard.signal.aborted ? `the answer takes longer than ${limits.answerMs / 1000} s` : undefined,
    );
  } finally {
    end();
    body.destroy();
  }
}

/**
 * A large answer as it comes. Trickling counts as silence.
 * @throws TransientError where it breaks off
 */
export async function* readLarge(
  { clock, limits }: ExchangeDeps,
  { url, body }: Answer,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  using guard = createStallGuard(clock, limits.stallMs);
  const end = destroyOnAbort(body, AbortSignal.any([signal, guard.signal]));
  let sinceProgress = 0;
  try {
    for await (const chunk of body) {
      const bytes = bytesOf(chunk);
      sinceProgress += bytes.length;
      if (sinceProgress >= limits.stallBytes) {
        sinceProgress = 0;
        guard.progress();
      }
      yield bytes;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(
      error,
      url,
      guard.signal.aborted ? `fewer than ${limits.stallBytes} bytes in ${limits.stallMs / 1000} s` : undefined,
    );
  } finally {
    end();
    body.destroy();
  }
}

/** Throws an unused answer away. */
export function discard({ body }: Answer): void {
  body.on("error", () => undefined);
  body.destroy();
}

export function headerOf({ headers }: Answer, name: string): string | undefined {
  return [headers[name]].flat()[0];
}

export function headersOf({ headers }: Answer, name: string): string[] {
  return [headers[name]].flat().filter((value) => value !== undefined);
}

function destroyOnAbort(body: Answer["body"], signal: AbortSignal): () => void {
  const destroy = (): void => void body.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  if (signal.aborted) destroy();
  signal.addEventListener("abort", destroy, { once: true });
  return () => signal.removeEventListener("abort", destroy);
}

function bytesOf(chunk: unknown): Buffer {
  if (!(chunk instanceof Uint8Array)) throw new TypeError("an answer's body comes as bytes");
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function unreachable(error: unknown, url: URL, why: string | undefined): TransientError {
  return new TransientError(`${url.origin}: ${why ?? reasonOf(error)}`, { cause: error });
}

/** What the system said; of several addresses tried, the first one's. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === "" ? reasonOf(error.cause) : error.message;
}
