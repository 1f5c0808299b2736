/**
 * The client's suites on the real LXD. The shapes of its answers are those in the file, with which the fake one is compared;
 * LXE_UPDATE_SHAPES=1 adds what is new to that.
 */
import { createLxdClient } from "@lxe/lxd-client";
import { lxdSuite } from "@lxe/lxd-client/suite";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { knownShapes, ShapeBook } from "./shapes/book.ts";
import { type Observed, observe } from "./shapes/observed.ts";
import { uploadBusybox } from "./support/upload-image.ts";

const alias = `suite-${randomBytes(4).toString("hex")}`;
const book = new ShapeBook();
let observed: Observed | undefined;
let fingerprint = "";

const client = () => createLxdClient({ socketPath: observed?.socketPath ?? "" });

beforeAll(async () => {
  const lxdSocket = process.env["LXE_TEST_LXD_SOCKET"] ?? "";
  if (lxdSocket === "") throw new Error("LXE_TEST_LXD_SOCKET is not set");
  observed = await observe(lxdSocket, book);
  await using lxd = client();
  const busybox = Uint8Array.from(await readFile(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox"));
  fingerprint = await uploadBusybox(lxd, alias, { busybox, flavour: alias });
});

afterAll(async () => {
  await using lxd = client();
  await lxd.images.delete(fingerprint);
  await observed?.[Symbol.asyncDispose]();
});

lxdSuite({ client, image: () => alias });

describe("shapes", () => {
  test("are those that the fake LXD is held to", () => {
    if (process.env["LXE_UPDATE_SHAPES"]) book.saveInto(knownShapes());
    // the host's devices, which differ from machine to machine, are in it
    const ofMachine = /^GET \/1\.0(?:\/resources)? /;
    expect(book.misfits(knownShapes()).filter((one) => !ofMachine.test(one))).toEqual([]);
  });
});
