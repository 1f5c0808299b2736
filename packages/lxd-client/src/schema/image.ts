/** Images and their aliases. */
import type { ConfigMap, Timestamp } from "./common.ts";
import type { InstanceType } from "./instance.ts";

export interface ImageAlias {
  name: string;
  description: string;
}

/** What the alias endpoints give. */
export interface ImageAliasEntry extends ImageAlias {
  /** A whole fingerprint. */
  target: string;
  type: InstanceType;
}

export interface ImageAliasesPost {
  /** May contain `/` and `:`. */
  name: string;
  target: string;
  description?: string | undefined;
  type?: InstanceType | undefined;
}

export interface ImageUpdateSource {
  alias: string;
  certificate: string;
  protocol: string;
  server: string;
  image_type: string;
}

export interface Image {
  /** sha256 hex of the file, or of metadata followed by rootfs for a split image. */
  fingerprint: string;
  aliases: ImageAlias[];
  properties: ConfigMap;
  /** Bytes of the file or files as uploaded. */
  size: number;
  filename: string;
  architecture: string;
  type: InstanceType;
  public: boolean;
  /** Pulled implicitly, may expire. */
  cached: boolean;
  auto_update: boolean;
  update_source?: ImageUpdateSource;
  profiles: string[];
  created_at: Timestamp;
  uploaded_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  project?: string;
}

export interface ImagePut {
  properties?: ConfigMap | undefined;
  public?: boolean | undefined;
  auto_update?: boolean | undefined;
  profiles?: string[] | undefined;
  expires_at?: Timestamp | undefined;
}

/** Where LXD itself downloads an image from. One of `alias` and `fingerprint` is needed. */
export interface RemoteImageSource {
  /** `https://...`. */
  server: string;
  protocol: "simplestreams" | "lxd" | "incus" | "oci";
  alias?: string | undefined;
  fingerprint?: string | undefined;
  /** PEM of the server's certificate when no public authority signed it. */
  certificate?: string | undefined;
  secret?: string | undefined;
  image_type?: InstanceType | undefined;
}

/** `POST /1.0/images` with a JSON body. */
export interface ImagesPost extends ImagePut {
  source: RemoteImageSource & { type: "image"; mode: "pull" };
  aliases?: { name: string; description?: string }[] | undefined;
}

/** The `metadata` of an upload's or download's operation. */
export interface ImageOperationMetadata {
  fingerprint?: string;
  /** Decimal text or a number of bytes, depending on the version. */
  size?: string | number;
}
