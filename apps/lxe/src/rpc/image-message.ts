/** An image as CRI's message. Pure. */
import { Image } from "@lxe/cri";
import type { ImageRecord } from "../images/types.ts";
import { oncePerRecord } from "../model/filters.ts";

export const imageMessage = oncePerRecord(toImage);

function toImage(record: ImageRecord): Image {
  return Image.fromPartial({
    id: record.id,
    repoTags: [...record.repoTags],
    repoDigests: [...record.repoDigests],
    size: record.sizeBytes,
    ...userOf(record.run.user),
    spec: { image: record.id },
    pinned: record.pinned,
  });
}

/** The kubelet's check of runAsNonRoot reads this. The group plays no part in it. */
function userOf(user: string): Pick<Image, "uid" | "username"> {
  const name = user.split(":", 1)[0] ?? "";
  return /^\d+$/u.test(name) ? { uid: { value: BigInt(name) }, username: "" } : { username: name };
}
