/** The JSON files that crictl takes, as CRI messages. */
import { readFile } from "node:fs/promises";
import { ContainerConfig, PodSandboxConfig } from "@lxe/cri";

interface JsonCodec<T> {
  fromJSON(object: unknown): T;
  toJSON(message: T): unknown;
}

export const readSandboxJson = (path: string): Promise<PodSandboxConfig> => readJson(path, PodSandboxConfig);
export const readContainerJson = (path: string): Promise<ContainerConfig> => readJson(path, ContainerConfig);

async function readJson<T>(path: string, codec: JsonCodec<T>): Promise<T> {
  const camelCased = camelCaseKeys(JSON.parse(await readFile(path, "utf8")));
  const message = codec.fromJSON(camelCased);
  refuseUnknown(camelCased, codec.toJSON(message), path);
  return message;
}

const camelCase = (key: string): string => key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

/** crictl names fields as the protocol does: log_directory. Keys of maps are never in this shape in examples. */
function camelCaseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCaseKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [camelCase(key), camelCaseKeys(member)]));
}

/** A field that the protocol does not have is lost on the way through a message; one with its default value is, too. */
function refuseUnknown(given: unknown, understood: unknown, path: string): void {
  if (typeof given !== "object" || given === null) return;
  for (const [key, value] of Object.entries(given)) {
    if (value === 0 || value === false || value === "") continue;
    const counterpart = (understood as Record<string, unknown> | undefined)?.[key];
    if (counterpart === undefined) throw new Error(`${path}: ${key} is not a field of CRI`);
    refuseUnknown(value, counterpart, path);
  }
}
