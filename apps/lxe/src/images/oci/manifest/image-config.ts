/** An image's config: how it wants to be run, and what its layers are. Pure. */
import { z } from "zod";
import { InvalidImageError } from "../errors.ts";
import type { ImageRunConfig } from "../../types.ts";
import type { Platform } from "./manifest.ts";

const texts = nullable(z.array(z.string()), []);
const text = nullable(z.string(), "");
const runSchema = z.object({
  Entrypoint: texts,
  Cmd: texts,
  Env: texts,
  WorkingDir: text,
  User: text,
  StopSignal: text,
  Volumes: nullable(z.record(z.string(), z.unknown()), {}),
  Labels: nullable(z.record(z.string(), z.string()), {}),
});
const configSchema = z.object({
  created: text,
  os: text,
  architecture: text,
  variant: text,
  config: nullable(runSchema, runSchema.parse({})),
  rootfs: z.object({ diff_ids: texts }),
});

export interface ImageConfig {
  readonly platform: Platform;
  /** Seconds since the epoch; 0 where the image does not say. */
  readonly createdS: number;
  readonly run: ImageRunConfig;
  readonly labels: Readonly<Record<string, string>>;
  /** Digest of each layer unpacked, lowest first. */
  readonly diffIds: readonly string[];
}

/** @throws InvalidImageError */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const { config, created, rootfs, os, architecture, variant } = parse(bytes, what);
  return {
    platform: { os, architecture, ...(variant !== "" && { variant }) },
    createdS: Math.max(0, Math.floor((Date.parse(created) || 0) / 1000)),
    run: {
      entrypoint: config.Entrypoint,
      cmd: config.Cmd,
      env: config.Env,
      workingDir: config.WorkingDir,
      user: config.User,
      stopSignal: config.StopSignal,
      volumes: Object.keys(config.Volumes).toSorted(),
    },
    labels: config.Labels,
    diffIds: rootfs.diff_ids,
  };
}

function parse(bytes: Uint8Array, what: string): z.infer<typeof configSchema> {
  try {
    return configSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const reason = issue === undefined ? "it is no JSON" : `${issue.path.join(".")}: ${issue.message}`;
    throw new InvalidImageError(`${what}: the image's config is broken: ${reason}`, { cause: error });
  }
}

/** Go writes null for what is empty. */
function nullable<Schema extends z.ZodType>(schema: Schema, empty: z.infer<Schema>) {
  return schema.nullish().transform((value): z.infer<Schema> => value ?? empty);
}
