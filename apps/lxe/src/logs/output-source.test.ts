import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { OutputSource } from "./output-source.ts";

const STEP_BYTES = 4096;

test("blocks are given back up to the recent bytes, once, and not by a closed source", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "stdout");
  await writeFile(path, Buffer.alloc(3 * STEP_BYTES + 10, "x"));
  const source = new OutputSource(createSystemHostFiles(), path);
  const { bytes } = await source.read(1_000_000);
  expect(source.isPunchDue(STEP_BYTES)).toBe(false);
  source.consume(bytes);
  expect(source.isPunchDue(2 * STEP_BYTES)).toBe(true);
  expect(source.isPunchDue(3 * STEP_BYTES)).toBe(false);
  const punching = source.punch();
  expect(source.isPunchDue(1)).toBe(false);
  await punching;
  expect(source.isPunchDue(1)).toBe(false);
  expect((await source.read(1_000_000)).restarted).toBe(false);
  source.moveTo({ offset: 2 * STEP_BYTES, recent: Buffer.alloc(0) });
  expect(source.isPunchDue(STEP_BYTES)).toBe(true);
  await source.close();
  expect(source.isPunchDue(STEP_BYTES)).toBe(false);
});
