/** Manifests and indexes as registries give them. Pure. */
import { z } from "zod";
import { isDigest } from "../digest.ts";
import { InvalidImageError } from "../errors.ts";
import { isConfigType, isIndexType, isLayerType, isManifestType, isSchema1Type } from "./media-types.ts";

const platformSchema = z.object({
  os: z.string().default(""),
  architecture: z.string().default(""),
  variant: z.string().optional(),
});
const descriptorSchema = z.object({
  mediaType: z.string().default(""),
  digest: z.string().refine(isDigest, "is no digest that can be verified"),
  size: z.int().nonnegative(),
  platform: platformSchema.nullish().transform((platform) => platform ?? undefined),
  annotations: z
    .record(z.string(), z.string())
    .nullish()
    .transform((annotations) => annotations ?? undefined),
});
const indexSchema = z.object({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });

export type Platform = z.infer<typeof platformSchema>;
/** Names other content: what it is, its digest and its size in bytes. */
export type Descriptor = z.infer<typeof descriptorSchema>;

export interface ImageManifest {
  readonly kind: "image";
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

/**
 * `contentType`: the registry's header; what the document says of itself counts first. `what` is for errors.
 * @throws InvalidImageError for what is no image that can be run here, schema 1 included.
 */
export function parseManifest(bytes: Uint8Array, contentType: string, what: string): ImageManifest | ImageIndex {
  const document = parseDocument(bytes, what);
  const own = typeof document["mediaType"] === "string" ? document["mediaType"] : "";
  const mediaType = own || (contentType.split(";", 1)[0] ?? "").trim();
  if (isSchema1Type(mediaType) || document["schemaVersion"] === 1) throw schema1(what);
  if (isIndexType(mediaType) || (!isManifestType(mediaType) && "manifests" in document)) {
    return { kind: "index", ...parseAs(indexSchema, document, what) };
  }
  const { config, layers } = parseAs(manifestSchema, document, what);
  checkTypes(config, layers, what);
  return { kind: "image", config, layers };
}

function parseDocument(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (error) {
    throw new InvalidImageError(`${what}: the manifest is no JSON object`, { cause: error });
  }
}

function parseAs<Schema extends z.ZodType>(schema: Schema, document: unknown, what: string): z.infer<Schema> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidImageError(
    `${what}: the manifest is broken: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
  );
}

/** Registries hold other things, too: charts, modules, signatures. */
function checkTypes(config: Descriptor, layers: readonly Descriptor[], what: string): void {
  if (!isConfigType(config.mediaType)) throw noImage(what, config.mediaType);
  const strange = layers.find(({ mediaType }) => !isLayerType(mediaType));
  if (strange !== undefined) throw noImage(what, strange.mediaType);
}

function noImage(what: string, mediaType: string): InvalidImageError {
  return new InvalidImageError(
    `${what} is no container image that lxe can run: it has content of the type ${JSON.stringify(mediaType)}`,
  );
}

function schema1(what: string): InvalidImageError {
  return new InvalidImageError(
    `${what} is in Docker's old image format (manifest schema 1), which is not supported: push the image again with a current tool`,
  );
}
