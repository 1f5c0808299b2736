/** An image for demos and tests on machines that have no image server and no busybox. */
import { busyboxEntries } from "./guest/index.ts";
import { packImage } from "./kernel/images/publish.ts";
import { hostArchitecture } from "./kernel/server/server-info.ts";

const creationMs = Date.UTC(2026, 0, 1);

/** A unified LXD image (tar.gz) with the shell and the applets that guests of fake-lxd know. The same bytes every time. */
export async function busyboxImage(): Promise<Uint8Array> {
  return await packImage(busyboxEntries(), {
    architecture: hostArchitecture(),
    creationMs,
    properties: { description: "busybox (fake-lxd)", os: "busybox", release: "1" },
  });
}
