/** Images of one scenario: a repository of its own, and what was pulled from it is removed in the end. */
import type { AuthConfig, DeepPartial, Image } from "@lxe/cri";
import type { TestImage } from "lxe/testing/registry";
import { randomBytes } from "node:crypto";
import type { ArmInstance } from "../arms/arm.ts";
import { REGISTRY_NAMES } from "./arm-registry.ts";

export class ImageShelf implements AsyncDisposable {
  /** Without the registry's name. */
  readonly path = `shelf/${randomBytes(4).toString("hex")}`;
  /** With the names of both registries. */
  readonly repositories = REGISTRY_NAMES.map((name) => `${name}/${this.path}`) as [string, string];
  readonly #arm: ArmInstance;
  readonly #pulled = new Set<string>();

  constructor(arm: ArmInstance) {
    this.#arm = arm;
  }

  /** Its name in the first registry; the second has it, too. */
  push(image: TestImage, tag: string): string {
    this.#arm.registry.push(image, this.path, tag);
    return `${this.repositories[0]}:${tag}`;
  }

  /** The id. */
  async pull(reference: string, auth?: DeepPartial<AuthConfig>): Promise<string> {
    const { imageRef } = await this.#arm.cri.pullImage({ image: { image: reference }, auth });
    this.#pulled.add(imageRef);
    return imageRef;
  }

  async status(reference: string): Promise<Image | undefined> {
    return (await this.#arm.cri.imageStatus({ image: { image: reference } })).image;
  }

  async remove(reference: string): Promise<void> {
    await this.#arm.cri.removeImage({ image: { image: reference } });
  }

  /** Images of the runtime that have a name in this repository, in either registry. */
  async listed(): Promise<Image[]> {
    const { images } = await this.#arm.cri.listImages({});
    const isOurs = (name: string): boolean => this.repositories.some((repository) => name.startsWith(repository));
    return images.filter(({ repoTags, repoDigests }) => [...repoTags, ...repoDigests].some(isOurs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.listed();
    for (const id of new Set([...this.#pulled, ...left.map(({ id }) => id)])) await this.remove(id);
  }
}
