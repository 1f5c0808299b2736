/**
 * What a pump writes down. The log itself is the journal: each record in it stands for certain bytes of a stream, so
 * the position is the checkpoint's plus all records behind the log size that the checkpoint names. A checkpoint is
 * only needed where that no longer holds (another log file, a stream begun anew), and now and then to keep the part
 * of the log short that must be read after a crash.
 */
import { z } from "zod";
import type { Position } from "./position.ts";
import type { StreamName } from "./stream.ts";

export type Positions = Readonly<Record<StreamName, Position>>;

export interface Checkpoint {
  /** By inode, as rotation changes the name. */
  readonly log: { readonly inode: bigint; readonly sizeBytes: number };
  readonly positions: Positions;
}

const positionSchema = z.object({ offset: z.int().nonnegative(), recent: z.base64() });
const checkpointSchema = z.object({
  version: z.literal(1),
  log: z.object({ inode: z.string().regex(/^\d+$/u), sizeBytes: z.int().nonnegative() }),
  stdout: positionSchema,
  stderr: positionSchema,
});

function encodePosition(position: Position): z.infer<typeof positionSchema> {
  return { offset: position.offset, recent: position.recent.toString("base64") };
}

function decodePosition(encoded: z.infer<typeof positionSchema>): Position {
  return { offset: encoded.offset, recent: Buffer.from(encoded.recent, "base64") };
}

export function encodeCheckpoint({ log, positions }: Checkpoint): string {
  return JSON.stringify({
    version: 1,
    log: { inode: String(log.inode), sizeBytes: log.sizeBytes },
    stdout: encodePosition(positions.stdout),
    stderr: encodePosition(positions.stderr),
  } satisfies z.infer<typeof checkpointSchema>);
}

/** Throws when the content is no checkpoint, as after a power failure. */
export function decodeCheckpoint(content: Buffer): Checkpoint {
  const { log, stdout, stderr } = checkpointSchema.parse(JSON.parse(content.toString("utf8")));
  return {
    log: { inode: BigInt(log.inode), sizeBytes: log.sizeBytes },
    positions: { stdout: decodePosition(stdout), stderr: decodePosition(stderr) },
  };
}
