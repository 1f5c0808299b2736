/** Image servers that speak simplestreams: an index, products, versions, files. */
import { createHash } from "node:crypto";
import { failure, within } from "../errors.ts";
import { type GetOptions, httpGet } from "./http-get.ts";
import type { RemoteImage } from "./remote.ts";

interface Item {
  ftype?: string;
  path?: string;
  sha256?: string;
  size?: number;
  combined_sha256?: string;
  combined_rootxz_sha256?: string;
  combined_squashfs_sha256?: string;
}

interface Product {
  aliases?: string;
  arch?: string;
  os?: string;
  release?: string;
  release_title?: string;
  version?: string;
  variant?: string;
  versions?: Record<string, { label?: string; items?: Record<string, Item> }>;
}

/** Debian's names to the kernel's. */
const architectures: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  arm64: "aarch64",
  armhf: "armv7l",
  i386: "i686",
  ppc64el: "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
};

async function getJson(server: string, path: string, options: GetOptions): Promise<unknown> {
  const url = `${server.replace(/\/+$/, "")}/${path}`;
  const reply = await httpGet(url, options);
  if (reply.status !== 200) throw failure(`Unable to fetch ${url}: ${reply.status}`);
  return JSON.parse(reply.body.toString()) as unknown;
}

interface Index {
  index?: Record<string, { datatype?: string; path?: string }>;
}

async function getIndex(server: string, options: GetOptions): Promise<Index> {
  try {
    return (await getJson(server, "streams/v1/index.json", options)) as Index;
  } catch (error) {
    throw within("Failed parsing stream", error);
  }
}

async function productsOf(server: string, options: GetOptions): Promise<Product[]> {
  const index = await getIndex(server, options);
  const products: Product[] = [];
  for (const entry of Object.values(index.index ?? {})) {
    if (entry.datatype !== "image-downloads" || entry.path === undefined) continue;
    const stream = (await getJson(server, entry.path, options)) as { products?: Record<string, Product> };
    products.push(...Object.values(stream.products ?? {}));
  }
  return products;
}

const rootfsTypes = ["root.tar.gz", "root.tar.xz", "squashfs"];

/** The file or the pair of files that make a container image, with their combined fingerprint. */
function filesOf(items: Record<string, Item>): { files: Item[]; fingerprint: string } | undefined {
  const of = (type: string) => Object.values(items).find((item) => item.ftype === type);
  const unified = of("lxd_combined.tar.gz");
  if (unified?.sha256 !== undefined) return { files: [unified], fingerprint: unified.sha256 };
  const metadata = of("lxd.tar.xz") ?? of("incus.tar.xz");
  const rootfs = rootfsTypes.map(of).find((item) => item !== undefined);
  if (metadata === undefined || rootfs === undefined) return undefined;
  const fingerprint =
    (rootfs.ftype === "squashfs" ? metadata.combined_squashfs_sha256 : metadata.combined_rootxz_sha256) ??
    metadata.combined_sha256;
  return fingerprint === undefined ? undefined : { files: [metadata, rootfs], fingerprint };
}

interface Candidate {
  product: Product;
  version: string;
  label: string;
  files: Item[];
  fingerprint: string;
}

/** Newest version first. */
function candidatesOf(product: Product): Candidate[] {
  return Object.entries(product.versions ?? {})
    .toSorted(([a], [b]) => (a < b ? 1 : -1))
    .flatMap(([version, { items, label }]) => {
      const found = filesOf(items ?? {});
      return found === undefined ? [] : [{ product, version, label: label ?? "release", ...found }];
    });
}

function aliasesOf(product: Product): string[] {
  return (product.aliases ?? "").split(",").map((alias) => alias.trim());
}

function pick(products: Product[], wanted: { alias: string; fingerprint: string }, arch: string): Candidate {
  const local = products.filter((product) => (architectures[product.arch ?? ""] ?? product.arch) === arch);
  // `lxc` sends an alias as fingerprint, so either may be one.
  const name = wanted.alias || wanted.fingerprint;
  const [newest] = local.filter((product) => aliasesOf(product).includes(name)).flatMap(candidatesOf);
  if (newest !== undefined) return newest;
  const match = products.flatMap(candidatesOf).find((candidate) => candidate.fingerprint.startsWith(name));
  if (match === undefined) throw failure("The requested image couldn't be found");
  return match;
}

async function download(server: string, item: Item, options: GetOptions): Promise<Buffer> {
  const url = `${server.replace(/\/+$/, "")}/${item.path ?? ""}`;
  const reply = await httpGet(url, options);
  if (reply.status !== 200) throw failure(`Unable to fetch ${url}: ${reply.status}`);
  const digest = createHash("sha256").update(reply.body).digest("hex");
  if (item.sha256 !== undefined && digest !== item.sha256) {
    throw failure(`Hash mismatch for ${url}: ${digest} != ${item.sha256}`);
  }
  return reply.body;
}

function propertiesOf({ product, version, label }: Candidate): Record<string, string> {
  const given: Record<string, string | undefined> = {
    architecture: product.arch,
    description:
      `${product.os ?? ""} ${product.release_title ?? product.release ?? ""} ${product.arch ?? ""} (${label}) (${version})`.trim(),
    label,
    os: product.os,
    release: product.release,
    serial: version,
    variant: product.variant,
    version: product.version,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

export async function pullSimplestreams(
  server: string,
  wanted: { alias: string; fingerprint: string },
  architecture: string,
  options: GetOptions,
): Promise<RemoteImage> {
  let candidate: Candidate;
  try {
    candidate = pick(await productsOf(server, options), wanted, architecture);
  } catch (error) {
    throw within("Failed getting remote image info: Failed getting image", error);
  }
  const [metadata, rootfs] = await Promise.all(candidate.files.map((item) => download(server, item, options)));
  if (metadata === undefined) throw failure("The requested image couldn't be found");
  return {
    fingerprint: candidate.fingerprint,
    metadata,
    ...(rootfs !== undefined && { rootfs }),
    filename: (candidate.files[0]?.path ?? "").split("/").at(-1) ?? "",
    properties: propertiesOf(candidate),
  };
}
