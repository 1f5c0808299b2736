/** What the rest of lxe sees of images. */
import type { RegistryAuth } from "./oci/registry/auth/credentials.ts";

/** How an image wants to be run. LXD's own images leave most of it empty. */
export interface ImageRunConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `KEY=value`. */
  readonly env: readonly string[];
  readonly workingDir: string;
  /** `user`, `uid`, `user:group` or `uid:gid`; empty: root. */
  readonly user: string;
  /** Name such as `SIGTERM`; empty: the default. */
  readonly stopSignal: string;
  readonly volumes: readonly string[];
}

export interface ImageRecord {
  /** Image.id in CRI: `sha256:` and 64 hex. Of an OCI image the digest of its config, wherever it was pulled from; else the fingerprint. */
  readonly id: string;
  /** What LXD calls it. */
  readonly fingerprint: string;
  /** LXD's name: x86_64, aarch64. */
  readonly architecture: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly sizeBytes: bigint;
  readonly pinned: boolean;
  /** What kind of container it is for when nothing else says so; undefined: the container's command decides. */
  readonly type: "app" | "system" | undefined;
  readonly run: ImageRunConfig;
  /** Of an OCI image; empty where there are too many to be kept. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What lxe must know of an image's files: who its users are (missing files are empty), and where mount points really lie. */
export interface ImageUsers {
  readonly passwd: string;
  readonly group: string;
  /** Symbolic links among the usual mount points (`MOUNT_POINT_LINKS`), with the absolute path that each leads to. */
  readonly links: Readonly<Record<string, string>>;
}

export interface ImageFilesystem {
  readonly mountpoint: string;
  readonly usedBytes: bigint;
  readonly inodesUsed: bigint;
  /** Nanoseconds since the epoch: when this was measured. */
  readonly measuredAt: bigint;
}

export interface PullRequest {
  readonly reference: string;
  /** For OCI registries; LXD's image servers know none. */
  readonly auth?: RegistryAuth | undefined;
}

/** All reads (`list`, `resolve`, `filesystem`) answer from memory. */
export interface Images {
  /** Reads LXD's images; called at start, and again whenever LXD's image events or a gap in them say so. */
  refresh(signal?: AbortSignal): Promise<void>;
  list(): readonly ImageRecord[];
  /** By id, unique prefix of an id, or name; undefined where nothing or more than one thing matches. */
  resolve(reference: string): ImageRecord | undefined;
  /** Returns when the image is in LXD. Concurrent pulls of one reference are one. */
  pull(request: PullRequest, signal: AbortSignal): Promise<ImageRecord>;
  /** Removes the image that `reference` names, with all its names. An unknown one is fine. */
  remove(reference: string, signal?: AbortSignal): Promise<void>;
  /** Who the image's users are. Looked up once for an image, then kept with it in LXD. */
  users(image: ImageRecord, signal?: AbortSignal): Promise<ImageUsers>;
  /** Fingerprint of the image of sandboxes, which is made and imported where it is missing. */
  pauseImage(architecture: string, signal?: AbortSignal): Promise<string>;
  /** The last measurement, renewed in the background; undefined before the first. */
  filesystem(): ImageFilesystem | undefined;
  /** Waits for a measurement; rejects when LXD or the host's files cannot be read. */
  measureFilesystem(signal?: AbortSignal): Promise<ImageFilesystem>;
}
