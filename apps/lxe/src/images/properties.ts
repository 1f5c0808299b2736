/** Image properties in LXD that carry what LXD has no field for. They come with the image or are written by lxe. */
import { z } from "zod";
import type { ImageRecord, ImageRunConfig, ImageUsers } from "./types.ts";

/** `true`: never remove the image to save space. */
export const PINNED_PROPERTY = "lxe.pinned";
/** `app` or `system`. */
export const TYPE_PROPERTY = "lxe.type";
/** {@link ImageRunConfig} as JSON; missing fields are empty. */
export const RUN_PROPERTY = "lxe.run";
/** {@link ImageUsers} as JSON. One property, because LXD drops empty ones: "no users" could not be told from "not looked up yet". */
export const USERS_PROPERTY = "lxe.users";

/** {@link OciNames} as JSON: the mark of an image from an OCI registry. */
export const OCI_PROPERTY = "lxe.oci";
/** Labels of an OCI image as a JSON object. */
export const LABELS_PROPERTY = "lxe.labels";

type Properties = Readonly<Record<string, string>>;

const texts = z.array(z.string()).default([]);
const runSchema = z.object({
  entrypoint: texts,
  cmd: texts,
  env: texts,
  workingDir: z.string().default(""),
  user: z.string().default(""),
  stopSignal: z.string().default(""),
  volumes: texts,
});
const usersSchema = z.object({ passwd: z.string(), group: z.string(), links: z.record(z.string(), z.string()) });

const labelsSchema = z.record(z.string(), z.string());
const ociSchema = z.object({ config: z.string().regex(/^sha256:[0-9a-f]{64}$/u), digests: texts });

export interface OciNames {
  /** The image's id. */
  readonly config: string;
  /** `<repository>@<digest>` for each name it was pulled by. */
  readonly digests: readonly string[];
}

/** Empty where the property is missing or not of that shape: images made by others may carry anything. */
export function runOf(properties: Properties): ImageRunConfig {
  return parseAs(runSchema, properties[RUN_PROPERTY]) ?? runSchema.parse({});
}

export function labelsOf(properties: Properties): Readonly<Record<string, string>> {
  return parseAs(labelsSchema, properties[LABELS_PROPERTY]) ?? {};
}

export function typeOf(properties: Properties): ImageRecord["type"] {
  const type = properties[TYPE_PROPERTY];
  return type === "app" || type === "system" ? type : undefined;
}

export function usersOf(properties: Properties): ImageUsers | undefined {
  return parseAs(usersSchema, properties[USERS_PROPERTY]);
}

/** Undefined for images that come from no OCI registry. */
export function ociOf(properties: Properties): OciNames | undefined {
  return parseAs(ociSchema, properties[OCI_PROPERTY]);
}

function parseAs<Schema extends z.ZodType>(schema: Schema, text: string | undefined): z.infer<Schema> | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
