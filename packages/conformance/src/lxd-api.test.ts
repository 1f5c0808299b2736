/** The fake LXD is held to what the real one does: the client's suites, which also run on a real LXD. */
import { type FakeLxd, startFakeLxd } from "@lxe/fake-lxd";
import { createLxdClient } from "@lxe/lxd-client";
import { lxdSuite } from "@lxe/lxd-client/suite";
import { afterAll, beforeAll } from "vitest";
import { NO_PROGRAM } from "./arms/fake.ts";
import { uploadBusybox } from "./support/upload-image.ts";

const ALIAS = "suite/busybox";
let fake: FakeLxd | undefined;

const client = () => createLxdClient({ socketPath: fake?.socketPath ?? "" });

beforeAll(async () => {
  fake = await startFakeLxd();
  await using lxd = client();
  await uploadBusybox(lxd, ALIAS, { busybox: NO_PROGRAM, flavour: "suite" });
});

afterAll(() => fake?.close());

lxdSuite({ client, image: () => ALIAS });
