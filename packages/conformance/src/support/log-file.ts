/** Reads log files in the CRI format, as the kubelet does. */
import { readFile } from "node:fs/promises";

export interface LogRecord {
  /** As written, RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** Whether the line goes on in the next record of this stream. */
  readonly partial: boolean;
  readonly content: string;
}

const RECORD =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF])(?::[^ ]*)? (.*)$/s;

/** All records of the file; throws on a line that is none. A file that does not exist has none. */
export async function readLog(path: string): Promise<LogRecord[]> {
  const text = await readFile(path, "latin1").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (text !== "" && !text.endsWith("\n")) throw new Error(`${path} ends within a record: ${text.slice(-200)}`);
  return text.split("\n").slice(0, -1).map(parseRecord);
}

function parseRecord(line: string): LogRecord {
  const match = RECORD.exec(line);
  if (!match) throw new Error(`not a log record: ${JSON.stringify(line.slice(0, 200))}`);
  const [, time = "", stream, tag, content = ""] = match;
  return {
    time,
    stream: stream === "stderr" ? "stderr" : "stdout",
    partial: tag === "P",
    content: Buffer.from(content, "latin1").toString(),
  };
}

/** What the app wrote to the stream: pieces joined, lines ended. */
export function textOf(records: readonly LogRecord[], stream: LogRecord["stream"]): string {
  return records
    .filter((record) => record.stream === stream)
    .map(({ content, partial }) => (partial ? content : `${content}\n`))
    .join("");
}
