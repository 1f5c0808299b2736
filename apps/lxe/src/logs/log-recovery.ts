/** Finds out where an earlier pump ended, from its checkpoint and the log. Changes nothing but a torn end of the log. */
import { basename, dirname, join } from "node:path";
import type { HostFiles } from "../platform/host-files.ts";
import type { Checkpoint, Positions } from "./checkpoint.ts";
import { LogFile } from "./log-file.ts";
import type { ParsedLog } from "./log-line.ts";
import { outputOf, parseRecords } from "./log-line.ts";
import { advance } from "./position.ts";

export const LOG_MODE = 0o640;
const READ_BYTES = 256 * 1024;

export interface Recovered {
  readonly log: LogFile;
  readonly positions: Positions;
  /** The log is not the one of the checkpoint. */
  readonly needsCheckpoint: boolean;
}

function advanceBy(positions: Positions, { records }: ParsedLog): Positions {
  return {
    stdout: advance(positions.stdout, outputOf(records, "stdout")),
    stderr: advance(positions.stderr, outputOf(records, "stderr")),
  };
}

/** Adds all complete records behind the checkpoint, and cuts off what follows them. */
async function replay(log: LogFile, { log: { sizeBytes }, positions }: Checkpoint): Promise<Positions> {
  // Somebody truncated it: none of its records are newer than the checkpoint.
  if (log.sizeBytes < sizeBytes) return positions;
  let reached = positions;
  let offset = sizeBytes;
  let readBytes = READ_BYTES;
  while (offset < log.sizeBytes) {
    const tail = await log.read(offset, Math.min(readBytes, log.sizeBytes - offset));
    const parsed = parseRecords(tail);
    if (parsed.parsedBytes === 0) {
      if (tail.length === 0 || offset + tail.length >= log.sizeBytes) break;
      // Not one whole line: foreign, as records are short.
      readBytes *= 2;
    }
    reached = advanceBy(reached, parsed);
    offset += parsed.parsedBytes;
  }
  if (offset < log.sizeBytes) await log.truncate(offset);
  return reached;
}

async function openIfInode(files: HostFiles, path: string, inode: bigint): Promise<LogFile | undefined> {
  if ((await files.stat(path))?.inode !== inode) return undefined;
  const file = await files.openExistingForAppending(path);
  if (file === undefined) return undefined;
  const log = await LogFile.of(file);
  if (log.inode === inode) return log;
  await log.close();
  return undefined;
}

/** The log by its inode: at its path, or beside it if it was renamed. */
async function findLog(files: HostFiles, logPath: string, inode: bigint): Promise<LogFile | undefined> {
  const directory = dirname(logPath);
  const current = basename(logPath);
  const others = (await files.list(directory)).filter((name) => name !== current);
  for (const name of [current, ...others]) {
    const log = await openIfInode(files, join(directory, name), inode);
    if (log !== undefined) return log;
  }
  return undefined;
}

/**
 * A log that was renamed and not replaced yet is still the one to write to, as it was for the pump that ended: the
 * kubelet either gives it its name back or asks for the next one.
 */
export async function recover(files: HostFiles, logPath: string, checkpoint: Checkpoint): Promise<Recovered> {
  const found = await findLog(files, logPath, checkpoint.log.inode);
  const positions = found === undefined ? checkpoint.positions : await replay(found, checkpoint);
  const current = await files.stat(logPath);
  if (found !== undefined && (current === undefined || current.inode === found.inode)) {
    return { log: found, positions, needsCheckpoint: found.sizeBytes < checkpoint.log.sizeBytes };
  }
  await found?.close();
  const log = await LogFile.of(await files.openForAppending(logPath, LOG_MODE));
  return { log, positions, needsCheckpoint: true };
}
