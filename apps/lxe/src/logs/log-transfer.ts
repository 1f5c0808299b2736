/**
 * One container's output, moved in steps: read both files, write records, then move the positions. A process that is
 * killed between any two of these leaves a log from which the next one finds its place (see `checkpoint.ts`). Not
 * reentrant: the pump calls one method at a time.
 */
import { dirname, join } from "node:path";
import type { Checkpoint, Positions } from "./checkpoint.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { LogFile } from "./log-file.ts";
import { formatOutput, outputOf, parseRecords } from "./log-line.ts";
import { LOG_MODE, recover } from "./log-recovery.ts";
import type { LogPumpOptions, OutputListener } from "./log-pump-types.ts";
import { OutputSource } from "./output-source.ts";
import { STREAMS } from "./stream.ts";
import type { StreamName } from "./stream.ts";

const STATE_MODE = 0o600;

interface Batch {
  readonly stream: StreamName;
  readonly bytes: Buffer;
  readonly records: Buffer;
}

export class LogTransfer {
  readonly #options: Required<LogPumpOptions>;
  readonly #sources: Readonly<Record<StreamName, OutputSource>>;
  readonly #listeners = new Set<OutputListener>();
  /** Up to where listeners have got each stream. */
  readonly #announcedTo: Record<StreamName, number> = { stdout: 0, stderr: 0 };
  #opened = false;
  #log: LogFile | undefined;
  /** Records must not be appended before a checkpoint is written. */
  #needsCheckpoint = false;
  #checkpointLogBytes = 0;
  #punchFailed = false;

  constructor(options: Required<LogPumpOptions>) {
    const { directory, files } = options;
    this.#options = options;
    this.#sources = {
      stdout: new OutputSource(files, join(directory, "stdout")),
      stderr: new OutputSource(files, join(directory, "stderr")),
    };
  }

  /** Opens the log and finds the positions, unless that is done. */
  async open(): Promise<void> {
    if (this.#opened) return;
    const { logPath } = this.#options;
    if (logPath === undefined) await this.#moveToEnd();
    else await this.#openLog(logPath);
    for (const stream of STREAMS) this.#announcedTo[stream] = this.#sources[stream].position.offset;
    this.#opened = true;
  }

  /**
   * Moves what is in the streams' files now, but at most `readBytesMax` of each; with `flush` also what lies behind
   * the last newline. Returns the streams that hold more.
   */
  async move(streams: readonly StreamName[], flush: boolean): Promise<StreamName[]> {
    const batches: Batch[] = [];
    const unfinished: StreamName[] = [];
    for (const stream of streams) {
      const chunk = await this.#sources[stream].read(this.#options.limits.readBytesMax);
      if (chunk.restarted) this.#onRestart(stream);
      if (chunk.more) unfinished.push(stream);
      this.#announce(stream, chunk.bytes);
      batches.push(this.#format(stream, chunk.bytes, flush && !chunk.more));
    }
    await this.#append(batches.filter(({ bytes }) => bytes.length > 0));
    await this.#giveBack();
    return unfinished;
  }

  /** Goes on in whatever file is at the log's path, a new one if there is none. */
  async reopen(): Promise<void> {
    const { files, logPath } = this.#options;
    if (logPath === undefined || this.#log === undefined) return;
    await this.#log.prepare();
    await files.makeDirectory(dirname(logPath));
    await this.#switchLog(this.#log, logPath);
  }

  subscribe(listener: OutputListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([this.#log?.close(), ...STREAMS.map((stream) => this.#sources[stream].close())]);
    this.#log = undefined;
  }

  async #openLog(logPath: string): Promise<void> {
    const { files, statePath } = this.#options;
    await files.makeDirectory(dirname(logPath));
    await files.makeDirectory(dirname(statePath));
    const content = await files.readFile(statePath);
    const checkpoint = content === undefined ? undefined : this.#decode(content);
    if (checkpoint !== undefined) {
      await this.#takeUp(logPath, checkpoint);
      return;
    }
    // Unreadable offsets: rather lose what was not logged yet than log everything twice.
    if (content !== undefined) await this.#moveToEnd();
    this.#log = await LogFile.of(await files.openForAppending(logPath, LOG_MODE));
    this.#needsCheckpoint = true;
  }

  async #takeUp(logPath: string, checkpoint: Checkpoint): Promise<void> {
    const { log, positions, needsCheckpoint } = await recover(this.#options.files, logPath, checkpoint);
    for (const stream of STREAMS) this.#sources[stream].moveTo(positions[stream]);
    this.#log = log;
    this.#needsCheckpoint = needsCheckpoint;
    this.#checkpointLogBytes = checkpoint.log.sizeBytes;
  }

  #decode(content: Buffer): Checkpoint | undefined {
    try {
      return decodeCheckpoint(content);
    } catch (error) {
      const { log, statePath } = this.#options;
      log.warn({ err: error, statePath }, "log offsets are unreadable: going on with output from now on");
      return undefined;
    }
  }

  async #moveToEnd(): Promise<void> {
    for (const stream of STREAMS) await this.#sources[stream].moveToEnd();
  }

  #onRestart(stream: StreamName): void {
    this.#needsCheckpoint = true;
    this.#announcedTo[stream] = 0;
  }

  /** What could not be logged is read again, but listeners get it once. */
  #announce(stream: StreamName, bytes: Buffer): void {
    const { offset } = this.#sources[stream].position;
    const news = bytes.subarray(Math.max(0, this.#announcedTo[stream] - offset));
    this.#announcedTo[stream] = Math.max(this.#announcedTo[stream], offset + bytes.length);
    if (news.length > 0) for (const listener of this.#listeners) listener(stream, news);
  }

  #format(stream: StreamName, bytes: Buffer, flush: boolean): Batch {
    if (this.#log === undefined) return { stream, bytes, records: Buffer.alloc(0) };
    const { clock, limits } = this.#options;
    const { lineBytesMax } = limits;
    const { records, consumedBytes } = formatOutput(bytes, { timeNs: clock.nowNs(), stream, lineBytesMax, flush });
    return { stream, bytes: bytes.subarray(0, consumedBytes), records };
  }

  async #append(batches: readonly Batch[]): Promise<void> {
    if (batches.length === 0) return;
    const log = this.#log;
    const records = Buffer.concat(batches.map((batch) => batch.records));
    const keptBytes = log === undefined ? 0 : await this.#appendTo(log, records);
    if (keptBytes < records.length) {
      const kept = parseRecords(records.subarray(0, keptBytes)).records;
      for (const stream of STREAMS) this.#sources[stream].consume(outputOf(kept, stream));
      throw new Error(`the log took ${keptBytes} of ${records.length} bytes`);
    }
    for (const { stream, bytes } of batches) this.#sources[stream].consume(bytes);
  }

  async #appendTo(log: LogFile, records: Buffer): Promise<number> {
    const usable = await this.#prepare(log);
    if (this.#needsCheckpoint) await this.#writeCheckpoint(usable);
    return await usable.append(records);
  }

  async #prepare(log: LogFile): Promise<LogFile> {
    const { files, logPath } = this.#options;
    const state = await log.prepare();
    if (state === "resized") this.#needsCheckpoint = true;
    if (state !== "removed" || logPath === undefined) return log;
    // With its directory, the whole pod is going: nobody wants a new log.
    const wanted = (await files.stat(dirname(logPath))) !== undefined;
    return wanted ? await this.#switchLog(log, logPath) : log;
  }

  async #switchLog(previous: LogFile, logPath: string): Promise<LogFile> {
    const next = await LogFile.of(await this.#options.files.openForAppending(logPath, LOG_MODE));
    try {
      await this.#writeCheckpoint(next);
    } catch (error) {
      // It may have been written all the same, and it names the log that is not used now.
      this.#needsCheckpoint = true;
      await next.close();
      throw error;
    }
    this.#log = next;
    await previous.close();
    return next;
  }

  /** Gives the blocks of consumed output back, now and then, while the pump goes on. */
  async #giveBack(): Promise<void> {
    const { punchBytes, checkpointBytes } = this.#options.limits;
    const due = STREAMS.filter((stream) => this.#sources[stream].isPunchDue(punchBytes));
    const log = this.#log;
    if (log !== undefined && (due.length > 0 || log.sizeBytes - this.#checkpointLogBytes >= checkpointBytes)) {
      await this.#tryCheckpoint(log);
    }
    for (const stream of due) void this.#punch(this.#sources[stream]);
  }

  /** On a full disk it fails, and punching, which does not depend on it, makes room. */
  async #tryCheckpoint(log: LogFile): Promise<void> {
    try {
      await this.#writeCheckpoint(log);
    } catch (error) {
      this.#options.log.debug({ err: error }, "log offsets cannot be written down now");
    }
  }

  async #punch(source: OutputSource): Promise<void> {
    try {
      while (source.isPunchDue(this.#options.limits.punchBytes)) await source.punch();
    } catch (error) {
      const { log, directory } = this.#options;
      if (!this.#punchFailed) log.warn({ err: error, directory }, "logged output cannot be given back to the disk");
      this.#punchFailed = true;
    }
  }

  #positions(): Positions {
    return { stdout: this.#sources.stdout.position, stderr: this.#sources.stderr.position };
  }

  async #writeCheckpoint(log: LogFile): Promise<void> {
    const { files, statePath } = this.#options;
    const { inode, sizeBytes } = log;
    const content = encodeCheckpoint({ log: { inode, sizeBytes }, positions: this.#positions() });
    await files.writeFile(statePath, content, { mode: STATE_MODE });
    this.#needsCheckpoint = false;
    this.#checkpointLogBytes = sizeBytes;
  }
}
