import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import type { LogFormat, LogLevel } from "./logger.ts";

function logged(format: LogFormat, level: LogLevel, write: (log: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  write(createLogger({ format, level }, { write: (line) => void lines.push(line) }));
  return lines;
}

test("json lines hold the level's name, the message and the fields of parents", () => {
  const [line = ""] = logged("json", "info", (log) => log.child({ pod: "a" }).warn({ count: 2 }, "told"));
  expect(JSON.parse(line)).toMatchObject({ level: "warn", msg: "told", pod: "a", count: 2 });
});

test("text lines are for people: time, level, message, fields", () => {
  const [line] = logged("text", "info", (log) => log.info({ pod: "a b", count: 2, id: "c" }, "told"));
  expect(line).toMatch(/^\d{4}-\S+Z INFO {2}told pod="a b" count=2 id=c\n$/u);
});

test("an error is shown with its stack, indented", () => {
  const [line = ""] = logged("text", "info", (log) => log.error({ err: new TypeError("broken") }, "failed"));
  expect(line).toContain("ERROR failed\n    TypeError: broken\n        at ");
});

test("less severe messages than the level are not logged", () => {
  expect(logged("text", "warn", (log) => log.info("quiet"))).toEqual([]);
});
