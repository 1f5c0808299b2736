/**
 * Ids, instance names and what they are made of. The name of a sandbox's instance is its own, so that nothing that LXD does late can
 * reach the next sandbox of the pod (decision 18). That of a container's is a function of its sandbox and its CRI name key, so LXD
 * itself refuses a second instance for one key, even across a crash. Pure.
 */

import { createHash } from "node:crypto";
import type { ContainerMetadata, PodSandboxMetadata } from "@lxe/cri";
import type { Random } from "../platform/random.ts";

const ID_DIGITS = 64;
/** How many digits of a container's id come from its name key; its instance's suffix is a part of these. */
const KEY_DIGITS = 12;
const SANDBOX_SUFFIX_DIGITS = 8;
const CONTAINER_SUFFIX_DIGITS = 6;
/** LXD's limit is 63 for the whole name. */
const POD_PART_MAX = 30;
const CONTAINER_PART_MAX = 16;

export function sandboxKey(metadata: PodSandboxMetadata): string {
  return hashOf([metadata.namespace, metadata.name, metadata.uid, String(metadata.attempt)]);
}

export function containerKey(sandboxId: string, metadata: ContainerMetadata): string {
  return hashOf([sandboxId, metadata.name, String(metadata.attempt)]);
}

/** Whether they have the same name key. */
export function isSameSandbox(a: PodSandboxMetadata, b: PodSandboxMetadata | undefined): boolean {
  return a.name === b?.name && a.namespace === b.namespace && a.uid === b.uid && a.attempt === b.attempt;
}

/**
 * The id of a new sandbox, 64 lower-case hex digits, and the name of its instance. That is none that is there: a sandbox that cannot be made is
 * removed by its instance's name.
 */
export function newSandbox(
  metadata: PodSandboxMetadata,
  random: Random,
  isTaken: (instance: string) => boolean,
): { id: string; instance: string } {
  for (;;) {
    const id = random.hex(ID_DIGITS);
    const instance = sandboxInstanceName(metadata, id);
    if (!isTaken(instance)) return { id, instance };
  }
}

/** As a sandbox's, but they begin with the key's: a new one each time, yet its instance's name can be told from it. */
export function newContainerId(key: string, random: Random): string {
  return key.slice(0, KEY_DIGITS) + random.hex(ID_DIGITS - KEY_DIGITS);
}

/** `<pod>-<8 hex>`: the first digits of its id. */
function sandboxInstanceName(metadata: PodSandboxMetadata, id: string): string {
  return `${instancePart(metadata.name, POD_PART_MAX)}-${id.slice(0, SANDBOX_SUFFIX_DIGITS)}`;
}

/** `<sandbox instance>-<container>-<6 hex>`: sorts behind its sandbox in a list. */
export function containerInstanceName(sandboxInstance: string, metadata: ContainerMetadata, key: string): string {
  return `${sandboxInstance}-${tail(metadata.name, CONTAINER_PART_MAX)}-${key.slice(0, CONTAINER_SUFFIX_DIGITS)}`;
}

/** A name with what LXD refuses in the first part of an instance name replaced: letters, digits, hyphens; a letter first. */
function instancePart(name: string, max: number): string {
  const part = tail(name, max);
  return /^[a-zA-Z]/.test(part) ? part : `p${part}`.slice(0, max);
}

function tail(name: string, max: number): string {
  const clean = name.replaceAll(/[^a-zA-Z0-9-]+/g, "-").slice(0, max);
  return clean.replaceAll(/^-+|-+$/g, "") || "x";
}

function hashOf(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex");
}
