/** A command from start to end, with what it wrote. */
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ExecCaptureOptions, ExecResult } from "../api/exec.ts";
import type { CallOptions } from "../api/options.ts";
import type { Context } from "../context.ts";
import { execSession } from "./session.ts";

export async function execCapture(
  context: Context,
  instance: string,
  exec: ExecCaptureOptions,
  options: CallOptions | undefined,
): Promise<ExecResult> {
  const { stdin, maxBytes = context.limits.execCaptureBytesMax, ...rest } = exec;
  const session = await execSession(context, instance, { ...rest, interactive: false }, options);
  const stdout = collect(session.stdout, maxBytes);
  const stderr = collect(session.stderr, maxBytes);
  session.stdin.end(stdin);
  // A session that is cut short rejects `exit` before its streams fail, so that is the error that callers see.
  const exit = await session.exit;
  const [out, err] = await Promise.all([stdout, stderr]);
  return { ...exit, stdout: out.kept, stderr: err.kept, truncated: out.truncated || err.truncated };
}

interface Collected {
  kept: Buffer;
  truncated: boolean;
}

/** Reads to the end, also what is not kept: a command must not block because it says too much. */
async function collect(stream: Readable, maxBytes: number): Promise<Collected> {
  const chunks: Buffer[] = [];
  let leftBytes = maxBytes;
  let truncated = false;
  stream.on("data", (chunk: Buffer) => {
    truncated ||= chunk.length > leftBytes;
    if (leftBytes > 0) chunks.push(chunk.subarray(0, leftBytes));
    leftBytes = Math.max(0, leftBytes - chunk.length);
  });
  await finished(stream, { cleanup: true }).catch(() => {});
  return { kept: Buffer.concat(chunks), truncated };
}
