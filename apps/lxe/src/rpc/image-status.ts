/** ImageStatus: from memory. An unknown image is an answer without an image, not an error. */
import type { ImageStatusRequest, ImageStatusResponse } from "@lxe/cri";
import type { BaseContext } from "../context.ts";
import type { ImageRecord } from "../images/types.ts";
import { imageMessage } from "./image-message.ts";

/** Go's names of the architectures, which OCI configs use. */
const OCI_ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

export async function imageStatus(
  { images }: Pick<BaseContext, "images">,
  { image, verbose }: ImageStatusRequest,
): Promise<ImageStatusResponse> {
  const record = images.resolve(image?.image ?? "");
  if (record === undefined) return { info: {} };
  return { image: imageMessage(record), info: verbose ? { info: JSON.stringify(infoOf(record)) } : {} };
}

/** What `crictl inspecti` shows: the image's config in OCI's words, and LXD's name of it. */
function infoOf(record: ImageRecord): object {
  const { run, architecture, fingerprint, type, labels } = record;
  return {
    imageSpec: {
      architecture: OCI_ARCHITECTURES[architecture] ?? architecture,
      os: "linux",
      config: {
        User: run.user,
        Env: run.env,
        Entrypoint: run.entrypoint,
        Cmd: run.cmd,
        WorkingDir: run.workingDir,
        StopSignal: run.stopSignal,
        Labels: labels,
        Volumes: Object.fromEntries(run.volumes.map((volume) => [volume, {}])),
      },
    },
    fingerprint,
    type,
  };
}
