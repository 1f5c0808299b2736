/** The suites against a real LXD: its socket is in LXE_TEST_LXD_SOCKET, a static busybox in LXE_TEST_BUSYBOX or /bin/busybox. */
import { afterAll, beforeAll } from "vitest";
import { createLxdClient } from "./client.ts";
import { busyboxImage, lxdSuite } from "./suite/index.ts";
import { uniqueName } from "./suite/target.ts";

const socketPath = process.env["LXE_TEST_LXD_SOCKET"] ?? "";
const alias = uniqueName("busybox");
const client = () => createLxdClient({ socketPath });
let fingerprint = "";

beforeAll(async () => {
  if (socketPath === "") throw new Error("LXE_TEST_LXD_SOCKET is not set");
  await using setup = client();
  const file = await busyboxImage(process.env["LXE_TEST_BUSYBOX"] ?? "/bin/busybox", alias);
  ({ fingerprint } = await setup.images.upload({ file }));
  await setup.images.aliases.create({ name: alias, target: fingerprint });
});

afterAll(async () => {
  await using teardown = client();
  await teardown.images.delete(fingerprint);
});

lxdSuite({ client, image: () => alias });
