/** Terminal sizes as clients send them: JSON objects one after the other, cut anywhere. */

import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { Feed } from "./feed.ts";
import { resizeBytesMax } from "./limits.ts";
import type { TerminalSize } from "./session.ts";

const sizeMax = 65_535;

/** The latest size, ever again. Always drains `source`; what is no size is skipped. */
export function terminalSizes(source: Readable): AsyncIterable<TerminalSize> {
  const sizes = new Feed<TerminalSize>(1);
  const decoder = new StringDecoder("utf8");
  let text = "";
  source.on("data", (chunk: Buffer) => {
    text += decoder.write(chunk);
    const documents = text.split("}");
    text = (documents.pop() ?? "").slice(-resizeBytesMax);
    for (const document of documents) {
      const size = parseSize(`${document}}`);
      if (size !== undefined) sizes.push(size);
    }
  });
  source.on("close", () => sizes.end());
  source.on("end", () => sizes.end());
  return sizes;
}

function parseSize(document: string): TerminalSize | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    return undefined;
  }
  const { Width: width, Height: height } = parsed as { Width?: unknown; Height?: unknown };
  return isSize(width) && isSize(height) ? { width, height } : undefined;
}

/** 0 is what a client without a terminal sends. */
function isSize(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= sizeMax;
}
