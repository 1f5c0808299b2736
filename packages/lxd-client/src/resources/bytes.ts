/** Whole small files as answers. */
import type { CallOptions } from "../api/options.ts";
import { errorFromTransport } from "../transport/classify.ts";
import { labelOf, type Rest } from "../transport/rest.ts";

export async function readBytes(rest: Rest, path: string, options: CallOptions | undefined): Promise<Buffer> {
  const request = { method: "GET", path } as const;
  const reply = await rest.download(request, options);
  try {
    return Buffer.concat((await reply.body.toArray()) as Buffer[]);
  } catch (cause) {
    throw errorFromTransport(labelOf(request), cause, options?.signal);
  }
}
