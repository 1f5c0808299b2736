/**
 * The records of a CRI log file: `<time> <stdout|stderr> <P|F> <content>\n`. A line of the app is one record (F), or,
 * if it is longer than the limit, some parts (P) and a last one (F). Output behind the last newline is a P record, as
 * F would stand for a newline that was never written. All content is bytes; nothing is decoded or changed.
 */
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";
import type { StreamName } from "./stream.ts";

const NEWLINE = 0x0a;
const SPACE = 0x20;

export interface LogRecord {
  readonly timeNs: bigint;
  readonly stream: StreamName;
  /** P: more of the same line follows, or nothing at all. F: the line ends here. */
  readonly tag: "P" | "F";
  readonly content: Buffer;
}

export interface FormatOptions {
  readonly timeNs: bigint;
  readonly stream: StreamName;
  /** Longest content of a record. */
  readonly lineBytesMax: number;
  /** Also write what lies behind the last newline, as a P record. */
  readonly flush: boolean;
}

export interface FormattedOutput {
  /** Complete records. */
  readonly records: Buffer;
  /** How many bytes of the output they stand for; the rest is a line that has not ended yet. */
  readonly consumedBytes: number;
}

const END = Buffer.of(NEWLINE);

class RecordWriter {
  readonly #parts: Uint8Array[] = [];
  readonly #head: string;
  /** Those that were needed. */
  readonly #heads: Partial<Record<LogRecord["tag"], Buffer>> = {};

  constructor(timeNs: bigint, stream: StreamName) {
    this.#head = `${formatTimestamp(timeNs)} ${stream}`;
  }

  add(tag: LogRecord["tag"], content: Buffer): void {
    this.#heads[tag] ??= Buffer.from(`${this.#head} ${tag} `);
    this.#parts.push(this.#heads[tag], content, END);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/**
 * Output of one stream as records. How the output is cut into calls does not show in the records, as long as each call
 * begins with what the one before did not consume.
 */
export function formatOutput(output: Buffer, options: FormatOptions): FormattedOutput {
  const { lineBytesMax } = options;
  const writer = new RecordWriter(options.timeNs, options.stream);
  let start = 0;
  let newline = output.indexOf(NEWLINE);
  while (start < output.length) {
    const lineEnd = newline < 0 ? output.length : newline;
    if (lineEnd - start > lineBytesMax) {
      writer.add("P", output.subarray(start, start + lineBytesMax));
      start += lineBytesMax;
    } else if (newline >= 0) {
      writer.add("F", output.subarray(start, newline));
      start = newline + 1;
      newline = output.indexOf(NEWLINE, start);
    } else {
      break;
    }
  }
  if (options.flush && start < output.length) {
    writer.add("P", output.subarray(start));
    start = output.length;
  }
  return { records: writer.toBuffer(), consumedBytes: start };
}

/** One record as a line with its newline. */
export function formatRecord(record: LogRecord): Buffer {
  const writer = new RecordWriter(record.timeNs, record.stream);
  writer.add(record.tag, record.content);
  return writer.toBuffer();
}

function isStream(text: string): text is StreamName {
  return text === "stdout" || text === "stderr";
}

function parseTag(text: string): LogRecord["tag"] | undefined {
  // Further tags may follow behind a colon.
  const [first] = text.split(":", 1);
  return first === "P" || first === "F" ? first : undefined;
}

/** Parses a line without its newline; undefined if it is no record. The content shares the line's memory. */
export function parseRecord(line: Buffer): LogRecord | undefined {
  const timeEnd = line.indexOf(SPACE);
  const streamEnd = line.indexOf(SPACE, timeEnd + 1);
  const tagEnd = line.indexOf(SPACE, streamEnd + 1);
  if (timeEnd < 0 || streamEnd < 0 || tagEnd < 0) return undefined;
  const timeNs = parseTimestamp(line.toString("latin1", 0, timeEnd));
  const stream = line.toString("latin1", timeEnd + 1, streamEnd);
  const tag = parseTag(line.toString("latin1", streamEnd + 1, tagEnd));
  if (timeNs === undefined || !isStream(stream) || tag === undefined) return undefined;
  return { timeNs, stream, tag, content: line.subarray(tagEnd + 1) };
}

/** How many bytes of its stream a record stands for. */
export function outputBytesOf(record: LogRecord): number {
  return record.content.length + (record.tag === "F" ? 1 : 0);
}

export interface ParsedLog {
  readonly records: LogRecord[];
  /** Bytes up to the end of the last complete line. */
  readonly parsedBytes: number;
}

/** Parses all complete lines; lines that are no records are passed over. */
export function parseRecords(log: Buffer): ParsedLog {
  const records: LogRecord[] = [];
  let start = 0;
  for (let end = log.indexOf(NEWLINE); end >= 0; end = log.indexOf(NEWLINE, start)) {
    const record = parseRecord(log.subarray(start, end));
    if (record !== undefined) records.push(record);
    start = end + 1;
  }
  return { records, parsedBytes: start };
}

/** The bytes of one stream that the records stand for. */
export function outputOf(records: readonly LogRecord[], stream: StreamName): Buffer {
  const newline = Buffer.of(NEWLINE);
  return Buffer.concat(
    records
      .filter((record) => record.stream === stream)
      .flatMap((record) => (record.tag === "F" ? [record.content, newline] : [record.content])),
  );
}
