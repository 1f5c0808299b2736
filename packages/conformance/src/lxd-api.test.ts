/**
 * The fake LXD is held to what the real one does: the client's suites, which also run on a real LXD, and the shapes of all
 * answers that they got there.
 */
import { type FakeLxd, startFakeLxd } from "@lxe/fake-lxd";
import { createLxdClient } from "@lxe/lxd-client";
import { lxdSuite } from "@lxe/lxd-client/suite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_PROGRAM } from "./arms/fake.ts";
import { knownShapes, ShapeBook } from "./shapes/book.ts";
import { type Observed, observe } from "./shapes/observed.ts";
import { uploadBusybox } from "./support/upload-image.ts";

const ALIAS = "suite/busybox";
const book = new ShapeBook();
let fake: FakeLxd | undefined;
let observed: Observed | undefined;

const client = () => createLxdClient({ socketPath: observed?.socketPath ?? "" });

beforeAll(async () => {
  fake = await startFakeLxd();
  observed = await observe(fake.socketPath, book);
  await using lxd = client();
  await uploadBusybox(lxd, ALIAS, { busybox: NO_PROGRAM, flavour: "suite" });
});

afterAll(async () => {
  await observed?.[Symbol.asyncDispose]();
  await fake?.close();
});

lxdSuite({ client, image: () => ALIAS });

describe("shapes", () => {
  test("all answers and events look as those of the real LXD", () => {
    expect(book.misfits(knownShapes())).toEqual([]);
  });

  test("all that the real LXD answered has been answered, and nothing else", () => {
    expect({ unseen: book.unseen(knownShapes()), strangers: book.strangers(knownShapes()) }).toEqual({
      unseen: [],
      strangers: [],
    });
  });

  test("every endpoint that the client uses has a scenario", () => {
    expect(ShapeBook.uncovered(knownShapes())).toEqual([]);
  });
});
