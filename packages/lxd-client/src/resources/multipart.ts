/** multipart/form-data bodies as a stream. */
import { randomUUID } from "node:crypto";

export interface Part {
  name: string;
  filename: string;
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export function multipart(parts: readonly Part[]): { contentType: string; content: AsyncIterable<Uint8Array> } {
  const boundary = `lxe-${randomUUID()}`;
  return { contentType: `multipart/form-data; boundary=${boundary}`, content: encode(parts, boundary) };
}

async function* encode(parts: readonly Part[], boundary: string): AsyncGenerator<Uint8Array> {
  for (const { name, filename, content } of parts) {
    yield Buffer.from(
      `--${boundary}\r\n` +
        `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\n` +
        "Content-Type: application/octet-stream\r\n\r\n",
    );
    yield* content;
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}
