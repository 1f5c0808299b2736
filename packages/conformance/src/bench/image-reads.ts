/** What a kubelet asks about images, on a node that has many; beside it containerd with the same images, asked in turns. */
import { type CriClient, ImageStatusRequest, ListImagesRequest, ListImagesResponse } from "@lxe/cri";
import { imageOfFiles, startTestRegistry } from "lxe/testing/registry";
import { latencies, NOTHING, pathOf, type Read, type Side } from "./latencies.ts";
import { fakeLxd } from "./lxds.ts";
import { forEach } from "./pods.ts";
import { referencePid, startReference } from "./reference.ts";
import type { Bench, BenchOptions, Result } from "./result.ts";
import { connectWire } from "./wire-client.ts";
import { openWorkbench, temporaryDirectory } from "./workbench.ts";

const IMAGES = 100;
const P99_MS = 1;
const SERVICE = "ImageService";

const READS: readonly Read[] = [
  NOTHING,
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
  await using undo = new AsyncDisposableStack();
  const registry = undo.use(await startTestRegistry());
  const lxe = undo.use(await bench.startLxe());
  const reference = await startReference();
  const isAlone = "skipped" in reference;
  const names = Array.from({ length: IMAGES }, (_, index) => `${registry.host}/team/app-${index}:1.${index}`);
  for (const [index] of names.entries()) {
    registry.push(imageOfFiles([{ name: `file-${index}` }]), `team/app-${index}`, `1.${index}`);
  }
  const sides = [await sideOf("lxe", lxe.pid, lxe.cri, lxe.socket, names, undo)];
  if (!isAlone) {
    const { cri, endpoint } = undo.use(reference);
    sides.push(await sideOf("containerd", await referencePid(), cri, endpoint.replace("unix://", ""), names, undo));
  }
  const calls = quick ? 100 : 1000;
  const figures = await latencies(sides, READS, names, calls);
  const beside = isAlone
    ? `without containerd: ${reference.skipped}`
    : "lxe and containerd in turns, the other one suspended";
  return {
    figures,
    notes: [
      `image-reads: ${IMAGES} images, 10 rounds of ${calls} calls each, one after another, from another process; ${beside}`,
    ],
  };
}

/** It has all the images when this resolves. */
async function sideOf(
  name: string,
  pid: number,
  cri: CriClient,
  socket: string,
  images: readonly string[],
  undo: AsyncDisposableStack,
): Promise<Side> {
  await forEach(images, async (image) => void (await cri.pullImage({ image: { image } })));
  const wire = undo.use(await connectWire(socket));
  const listed = ListImagesResponse.decode(await wire.call(pathOf("ListImages", SERVICE), new Uint8Array())).images;
  if (listed.length < images.length) throw new Error(`${name}: ListImages has ${listed.length}, not ${images.length}`);
  return { name, wire, pid };
}
