/** Puts an image into LXD under a name. */
import type { LxdClient } from "@lxe/lxd-client";
import { type BusyboxImageOptions, busyboxImage } from "./busybox-image.ts";

/** Makes and uploads the busybox image, with `alias` as its name; the fingerprint is the answer. */
export async function uploadBusybox(
  lxd: LxdClient,
  alias: string,
  options: Pick<BusyboxImageOptions, "busybox" | "flavour" | "inittab">,
): Promise<string> {
  const { environment } = await lxd.server.get();
  const architecture = environment?.architectures[0] ?? "x86_64";
  const file = await busyboxImage({ ...options, architecture });
  const { fingerprint } = await lxd.images.upload({ file });
  await lxd.images.aliases.create({ name: alias, target: fingerprint });
  return fingerprint;
}
