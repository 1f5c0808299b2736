/** Pulls of OCI images into fake-lxd. */
import { type FakeLxd, startFakeLxd } from "@lxe/fake-lxd";
import { afterAll, beforeAll } from "vitest";
import { describeOciImages } from "./testing/oci-suite.ts";

let fake: FakeLxd;

beforeAll(async () => {
  fake = await startFakeLxd();
});

afterAll(() => fake.close());

describeOciImages({ name: "fake-lxd", socketPath: () => fake.socketPath });
