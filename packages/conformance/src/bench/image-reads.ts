/** What a kubelet asks about images, on a node that has many. */
import { ImageStatusRequest, ListImagesRequest, ListImagesResponse } from "@lxe/cri";
import { imageOfFiles, startTestRegistry } from "lxe/testing/registry";
import { latencies, pathOf, type Read } from "./latencies.ts";
import { fakeLxd } from "./lxds.ts";
import { forEach } from "./pods.ts";
import type { Bench, BenchOptions, Figure, Result } from "./result.ts";
import { connectWire } from "./wire-client.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

const IMAGES = 100;
const P99_MS = 1;
const SERVICE = "ImageService";

const READS: readonly Read[] = [
  {
    name: "ImageStatus",
    service: SERVICE,
    target: P99_MS,
    request: (image) => ImageStatusRequest.encode(ImageStatusRequest.fromPartial({ image: { image } })).finish(),
  },
  {
    name: "ListImages",
    service: SERVICE,
    target: P99_MS,
    request: () => ListImagesRequest.encode(ListImagesRequest.fromPartial({})).finish(),
  },
];

export const imageReads: Bench = { name: "image-reads", run: measureImageReads };

async function measureImageReads({ quick, program }: BenchOptions): Promise<Result> {
  const directory = await temporaryDirectory();
  await using bench = await openWorkbench(directory, await fakeLxd(directory, "quick"), program);
  await using registry = await startTestRegistry();
  await using lxe = await bench.startLxe();
  const names = Array.from({ length: IMAGES }, (_, index) => `${registry.host}/team/app-${index}:1.${index}`);
  await forEach(names.entries(), async ([index, image]) => {
    registry.push(imageOfFiles([{ name: `file-${index}` }]), `team/app-${index}`, `1.${index}`);
    await lxe.cri.pullImage({ image: { image } });
  });
  await using wire = await connectWire(lxe.socket);
  const { images } = ListImagesResponse.decode(await wire.call(pathOf("ListImages", SERVICE), new Uint8Array()));
  if (images.length < IMAGES) throw new Error(`ListImages has ${images.length}, not ${IMAGES}`);
  const calls = quick ? 100 : 1000;
  const figures: Figure[] = [];
  for (const read of READS) figures.push(...(await latencies(wire, read, names, calls)));
  return {
    figures,
    notes: [
      `image-reads: ${images.length} images, 10 rounds of ${calls} calls each, one after another, from another process`,
    ],
  };
}
