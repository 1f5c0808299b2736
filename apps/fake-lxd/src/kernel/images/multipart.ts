/** multipart/form-data, as images travel in it. */

export interface Part {
  name: string;
  filename: string;
  content: Uint8Array;
}

function boundaryOf(contentType: string): string | undefined {
  return /boundary="?([^";]+)"?/.exec(contentType)?.[1];
}

function parsePart(part: Buffer): Part | undefined {
  const end = part.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const headers = part.subarray(0, end).toString();
  return {
    name: /\bname="([^"]*)"/.exec(headers)?.[1] ?? "",
    filename: /\bfilename="([^"]*)"/.exec(headers)?.[1] ?? "",
    content: part.subarray(end + 4),
  };
}

/** Parts in order; empty when it is no multipart body. */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return [];
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line break in front of it.
  const text = Buffer.concat([Buffer.from("\r\n"), body]);
  const parts: Part[] = [];
  let start = text.indexOf(delimiter);
  for (;;) {
    const next = start < 0 ? -1 : text.indexOf(delimiter, start + delimiter.length);
    if (next < 0) return parts;
    const part = parsePart(text.subarray(start + delimiter.length + 2, next));
    if (part !== undefined) parts.push(part);
    start = next;
  }
}

export function renderMultipart(parts: readonly Part[], boundary: string): Buffer {
  const chunks = parts.flatMap((part) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"; filename="${part.filename}"\r\n` +
        "Content-Type: application/octet-stream\r\n\r\n",
    ),
    Buffer.from(part.content),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}
