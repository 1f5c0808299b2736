/**
 * A simplestreams image server on loopback. LXD takes plain http for this protocol; for https it wants a certificate that its host
 * trusts, or the one in the pull's `certificate`. LXD keeps a server's index for an hour, by address: `address(revision)` gives
 * addresses that differ, so that LXD sees a changed index.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { sha256, type SplitImage } from "./small-image.ts";

export interface SimplestreamsServer extends AsyncDisposable {
  address(revision?: string): string;
  /** Makes `alias` mean the image from now on. */
  offer(alias: string, image: SplitImage): void;
  /** How often the root file system was asked for. */
  downloads(): number;
  /** From now on root file systems stop after their first byte; `release` sends the rest. */
  hold(): void;
  release(): void;
  /** Resolves when a held download has begun. */
  readonly held: Promise<void>;
}

export async function startSimplestreamsServer(): Promise<SimplestreamsServer> {
  const offers = new Map<string, SplitImage>();
  let held = Promise.withResolvers<void>();
  let gate: PromiseWithResolvers<void> | undefined;
  let downloads = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = bodyOf(offers, request.url ?? "");
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-length": body.length });
    if (request.url?.endsWith(".rootfs")) {
      downloads += 1;
      await holdBack(response, body);
      return;
    }
    response.end(body);
  }

  async function holdBack(response: ServerResponse, body: Uint8Array): Promise<void> {
    response.write(body.subarray(0, 1));
    if (gate !== undefined) {
      held.resolve();
      await gate.promise;
    }
    response.end(body.subarray(1));
  }

  const server = createServer((request, response) => void answer(request, response));
  await promisify((done: () => void) => server.listen(0, "127.0.0.1", done))();
  const { port } = server.address() as AddressInfo;
  return {
    address: (revision = "1") => `http://127.0.0.1:${port}/${revision}`,
    offer: (alias, image) => void offers.set(alias, image),
    downloads: () => downloads,
    hold: () => {
      held = Promise.withResolvers();
      gate = Promise.withResolvers();
    },
    release: () => {
      gate?.resolve();
      gate = undefined;
    },
    get held() {
      return held.promise;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await promisify((done: () => void) => server.close(done))();
    },
  };
}

function bodyOf(offers: ReadonlyMap<string, SplitImage>, url: string): Uint8Array | undefined {
  if (url.endsWith("/streams/v1/index.json")) return json(indexOf(offers));
  if (url.endsWith("/streams/v1/images.json")) return json(productsOf(offers));
  const [, alias, part] = /\/files\/([0-9a-f]+)\.(metadata|rootfs)$/u.exec(url) ?? [];
  return offers.get(Buffer.from(alias ?? "", "hex").toString())?.[part === "rootfs" ? "rootfs" : "metadata"];
}

function indexOf(offers: ReadonlyMap<string, SplitImage>): object {
  const products = [...offers.keys()].map((alias) => productName(alias));
  const images = { datatype: "image-downloads", path: "streams/v1/images.json", format: "products:1.0", products };
  return { format: "index:1.0", index: { images } };
}

function productsOf(offers: ReadonlyMap<string, SplitImage>): object {
  const products = Object.fromEntries(
    [...offers].map(([alias, image]) => [productName(alias), productOf(alias, image)]),
  );
  return { content_id: "images", datatype: "image-downloads", format: "products:1.0", products };
}

function productName(alias: string): string {
  return `${alias.replaceAll(":", "_")}:amd64:default`;
}

function productOf(alias: string, image: SplitImage): object {
  const { metadata, rootfs, fingerprint } = image;
  const items = {
    "lxd.tar.xz": { ...itemOf(alias, "lxd.tar.xz", "metadata", metadata), combined_rootxz_sha256: fingerprint },
    "root.tar.xz": itemOf(alias, "root.tar.xz", "rootfs", rootfs),
  };
  const versions = { "20260101_00:00": { items } };
  return {
    aliases: alias,
    arch: "amd64",
    os: "Test",
    release: alias,
    release_title: alias,
    variant: "default",
    versions,
  };
}

function itemOf(alias: string, ftype: string, part: string, bytes: Uint8Array): object {
  return {
    ftype,
    path: `files/${Buffer.from(alias).toString("hex")}.${part}`,
    size: bytes.length,
    sha256: sha256(bytes),
  };
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
