/**
 * Kubernetes YAML → CRI requests, as a kubelet makes them, for the few fields that examples use. Any other field is an
 * error: an example must not seem to do what it does not.
 */
import { readFile } from "node:fs/promises";
import { type ContainerConfig, type DeepPartial, NamespaceMode, type PodSandboxConfig } from "@lxe/cri";
import { parseAllDocuments } from "yaml";

export interface PodManifest {
  readonly name: string;
  readonly sandbox: DeepPartial<PodSandboxConfig>;
  readonly containers: readonly DeepPartial<ContainerConfig>[];
  /** Volumes by name, with the files of their ConfigMaps. */
  readonly volumes: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export interface PodPlaces {
  readonly logDirectory: string;
  /** The host's directory for a volume. */
  volumeDirectory(name: string): string;
}

interface Metadata {
  readonly name: string;
  readonly labels?: Record<string, string>;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly env?: { name: string; value: string }[];
  readonly volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface Volume {
  readonly name: string;
  readonly configMap: { name: string };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly data?: Record<string, string>;
  readonly spec?: { containers: Container[]; volumes?: Volume[] };
}

const CONTAINER_FIELDS = ["name", "image", "command", "args", "env", "volumeMounts"];
const POD_FIELDS = ["containers", "volumes"];

/** Reads a file with one Pod and the ConfigMaps that it mounts. */
export async function readPodManifest(path: string, places: PodPlaces): Promise<PodManifest> {
  const documents = parseAllDocuments(await readFile(path, "utf8")).map((document): Manifest => document.toJS());
  const pod = documents.find(({ kind }) => kind === "Pod");
  if (!pod?.spec) throw new Error(`${path} has no Pod`);
  refuseUnknown(pod.spec, POD_FIELDS);
  const { name, labels = {} } = pod.metadata;
  const maps = new Map(
    documents.filter(({ kind }) => kind === "ConfigMap").map((map) => [map.metadata.name, map.data]),
  );
  return {
    name,
    sandbox: sandboxConfig(name, labels, places),
    containers: pod.spec.containers.map((container) => containerConfig(container, places)),
    volumes: new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, maps.get(volume.configMap.name) ?? {}])),
  };
}

const podNamespaces = { securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } } };

function sandboxConfig(
  name: string,
  labels: Record<string, string>,
  { logDirectory }: PodPlaces,
): DeepPartial<PodSandboxConfig> {
  return {
    metadata: { name, namespace: "default", uid: `${name}-1`, attempt: 0 },
    hostname: name,
    logDirectory,
    labels,
    linux: podNamespaces,
  };
}

function containerConfig(container: Container, places: PodPlaces): DeepPartial<ContainerConfig> {
  refuseUnknown(container, CONTAINER_FIELDS);
  const { name, image, command = [], args = [], env = [], volumeMounts = [] } = container;
  return {
    metadata: { name, attempt: 0 },
    image: { image },
    command,
    args,
    envs: env.map((variable) => ({ key: variable.name, value: Buffer.from(variable.value) })),
    mounts: volumeMounts.map((mount) => ({
      hostPath: places.volumeDirectory(mount.name),
      containerPath: mount.mountPath,
      readonly: mount.readOnly ?? false,
    })),
    logPath: `${name}.log`,
    linux: podNamespaces,
  };
}

function refuseUnknown(object: object, known: readonly string[]): void {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`this example cannot use: ${unknown.join(", ")}`);
}
