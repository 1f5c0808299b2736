/** The demo's image, from a registry of its own: Docker Hub to lxe, a few kilobytes in this process to everybody else. */
import type { CriClient } from "@lxe/cri";
import { indexOf, OCI_INDEX, startTestRegistry, type TestImage, testImage } from "lxe/testing/registry";
import { NO_PROGRAM } from "../arms/fake.ts";
import { writeHostsFiles } from "../support/hosts-files.ts";
import { busyboxLayer } from "../support/oci-busybox.ts";

const REGISTRY = "docker.io";
const REPOSITORY = "library/busybox";
const TAG = "latest";

export interface PullOptions {
  readonly cri: CriClient;
  /** As a pod names it. */
  readonly image: string;
  /** Where lxe looks for hosts.toml files. */
  readonly registryConfigDir: string;
  readonly step: (text: string) => void;
}

/** The registry is gone when this settles; the image is in LXD. */
export async function pullFromOwnRegistry({ cri, image, registryConfigDir, step }: PullOptions): Promise<void> {
  await using registry = await startTestRegistry();
  const layers = [busyboxLayer(NO_PROGRAM)];
  const images: Record<string, TestImage> = {
    amd64: testImage({ layers, architecture: "amd64" }),
    arm64: testImage({ layers, architecture: "arm64" }),
  };
  for (const [architecture, each] of Object.entries(images)) registry.push(each, REPOSITORY, architecture);
  registry.pushManifest(REPOSITORY, TAG, indexOf(images), OCI_INDEX);
  await writeHostsFiles(registryConfigDir, [REGISTRY], registry.host);
  step(`a registry listens on ${registry.host}, and stands in for ${REGISTRY}`);
  const { imageRef } = await cri.pullImage({ image: { image } });
  step(`PullImage: ${image} is ${imageRef.slice(0, 19)}, an OCI image that lxe has made an LXD image of`);
}
