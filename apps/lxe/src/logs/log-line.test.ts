import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatOutput, formatRecord, outputBytesOf, outputOf, parseRecord, parseRecords } from "./log-line.ts";
import type { LogRecord } from "./log-line.ts";
import { formatTimestamp, parseTimestamp } from "./timestamp.ts";

const TIME_NS = 1_474_416_969_669_794_202n;
const LIMIT = 16;

/** Bytes in which newlines, carriage returns, blanks and NULs are frequent. */
const outputBytes = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0x0a, 0x0d, 0x20, 0x00) }, fc.nat(255)), { maxLength: 200 })
  .map((bytes) => Buffer.from(bytes));
const timeNs = fc.bigInt({ min: 0n, max: 253_402_300_799_999_999_999n });

function format(output: string | Buffer, flush: boolean): { text: string; consumedBytes: number } {
  const options = { timeNs: TIME_NS, stream: "stdout", lineBytesMax: LIMIT, flush } as const;
  const { records, consumedBytes } = formatOutput(Buffer.from(output), options);
  return { text: records.toString(), consumedBytes };
}

/** Tag and content of each record. */
function contents(output: string, flush: boolean): string[] {
  return parseRecords(Buffer.from(format(output, flush).text)).records.map(
    (record) => `${record.tag} ${record.content.toString()}`,
  );
}

describe("formatOutput", () => {
  test("a line becomes one record with time, stream and tag", () => {
    expect(format("hello\n", false).text).toBe("2016-09-21T00:16:09.669794202Z stdout F hello\n");
  });

  test.each([
    ["an empty line keeps the blank behind the tag", "\n", false, ["F "]],
    ["a carriage return stays", "a\r\n", false, ["F a\r"]],
    ["an unended line waits", "a\nbc", false, ["F a"]],
    ["an unended line is a part when flushed", "a\nbc", true, ["F a", "P bc"]],
    ["a line of just the limit is one record", "0123456789abcdef\n", false, ["F 0123456789abcdef"]],
    ["an unended line of just the limit waits", "0123456789abcdef", false, []],
    ["an unended line over the limit is split at once", "0123456789abcdefg", false, ["P 0123456789abcdef"]],
    ["a line over the limit is split", "0123456789abcdefg\n", false, ["P 0123456789abcdef", "F g"]],
  ])("%s", (_title, output, flush, expected) => {
    expect(contents(output, flush)).toEqual(expected);
  });

  test("the records give back all bytes, for any output", () => {
    fc.assert(
      fc.property(outputBytes, timeNs, (output, time) => {
        const options = { timeNs: time, stream: "stderr", lineBytesMax: LIMIT, flush: true } as const;
        const { records: log, consumedBytes } = formatOutput(output, options);
        const { records, parsedBytes } = parseRecords(log);
        expect(consumedBytes).toBe(output.length);
        expect(parsedBytes).toBe(log.length);
        expect(outputOf(records, "stderr")).toEqual(output);
        expect(records.reduce((sum, record) => sum + outputBytesOf(record), 0)).toBe(output.length);
        expect(records.every((record) => record.timeNs === time && record.content.length <= LIMIT)).toBe(true);
      }),
    );
  });

  test("the records are the same however the output is cut", () => {
    fc.assert(
      fc.property(outputBytes, fc.array(fc.nat(200)), (output, cuts) => {
        const ends = [...cuts, output.length].toSorted((a, b) => a - b);
        let offset = 0;
        let text = "";
        for (const end of ends) {
          const piece = format(output.subarray(offset, end), false);
          text += piece.text;
          offset += piece.consumedBytes;
        }
        expect(text).toBe(format(output, false).text);
      }),
    );
  });
});

describe("parseRecord", () => {
  test("a formatted record is read back, for any content without newline", () => {
    const record: fc.Arbitrary<LogRecord> = fc.record({
      timeNs,
      stream: fc.constantFrom("stdout", "stderr"),
      tag: fc.constantFrom("P", "F"),
      content: outputBytes.map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a))),
    });
    fc.assert(
      fc.property(record, (expected) => {
        expect(parseRecord(formatRecord(expected).subarray(0, -1))).toEqual(expected);
      }),
    );
  });

  test("further tags are passed over", () => {
    expect(parseRecord(Buffer.from("2016-10-06T00:17:09Z stdout F:x a b"))).toMatchObject({
      tag: "F",
      content: Buffer.from("a b"),
    });
  });

  test.each([
    "",
    "a",
    "2016-10-06T00:17:09Z stdout F",
    "now stdout F a",
    "2016-10-06T00:17:09Z out F a",
    "2016-10-06T00:17:09Z stdout X a",
  ])("%j is no record", (line) => {
    expect(parseRecord(Buffer.from(line))).toBeUndefined();
  });
});

describe("timestamps", () => {
  test("a time is read back to the nanosecond", () => {
    fc.assert(
      fc.property(timeNs, (time) => {
        expect(formatTimestamp(time)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/u);
        expect(parseTimestamp(formatTimestamp(time))).toBe(time);
      }),
    );
  });

  test("offsets and trimmed digits are understood", () => {
    expect(parseTimestamp("2016-10-06T02:17:09.5+02:00")).toBe(parseTimestamp("2016-10-06T00:17:09.500000000Z"));
    expect(parseTimestamp("2016-10-05T23:47:09-00:30")).toBe(parseTimestamp("2016-10-06T00:17:09Z"));
  });
});
