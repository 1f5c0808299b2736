import { createHash } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import type { Image } from "@lxe/lxd-client";
import { packTar, unpackTar } from "modern-tar";
import { describe, expect, it } from "vitest";
import { busyboxImage } from "../../busybox-image.ts";
import { renderMultipart } from "../../kernel/images/multipart.ts";
import type { Envelope, FinishedOperation } from "../../testing/api.ts";
import { type Fixture, startFixture } from "../../testing/fixture.ts";

const sha256 = (...chunks: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
};

const strip = (name: string) => name.replace(/^rootfs\//, "./");

/** The image's two halves, as split images have them. */
async function halves(): Promise<{ metadata: Uint8Array; rootfs: Uint8Array }> {
  const entries = await unpackTar(gunzipSync(await busyboxImage()));
  const root = entries.filter((entry) => entry.header.name.startsWith("rootfs/") && entry.header.name !== "rootfs/");
  return {
    metadata: await packTar(entries.filter((entry) => entry.header.name === "metadata.yaml")),
    rootfs: await packTar(
      root.map(({ header, data }) => ({
        header: {
          ...header,
          name: strip(header.name),
          ...(header.type === "link" && { linkname: strip(header.linkname ?? "") }),
        },
        ...(data && { data }),
      })),
    ),
  };
}

async function post({ api }: Fixture, body: Uint8Array, headers: Record<string, string>): Promise<FinishedOperation> {
  const answer = await api.raw("POST", "/1.0/images", body, headers);
  const { operation } = JSON.parse(answer.text) as Envelope;
  return await api.get<FinishedOperation>(`${operation}/wait`);
}

async function boots(fixture: Fixture, fingerprint: string): Promise<string> {
  await fixture.create("boots", ["lxc.init.cmd = /bin/sleep 100"], { source: { type: "image", fingerprint } });
  await fixture.start("boots");
  return (await fixture.exec("boots", ["echo", "yes"])).stdout;
}

describe("uploads", () => {
  it("of one file have its SHA-256 as fingerprint, and its properties", async () => {
    await using fixture = await startFixture();
    const fingerprint = sha256(await busyboxImage());
    const image = await fixture.api.get<Image>(`/1.0/images/${fingerprint.slice(0, 5)}`);
    expect(image).toMatchObject({ fingerprint, filename: "image.tar.gz", type: "container", public: false });
    expect(image.properties["os"]).toBe("busybox");
    expect(image.aliases).toEqual([{ name: "busybox", description: "" }]);
  });

  it("of two files have the SHA-256 of both, may be compressed with zstd, and boot", async () => {
    await using fixture = await startFixture();
    const { metadata, rootfs } = await halves();
    const packed = zstdCompressSync(rootfs);
    const body = renderMultipart(
      [
        { name: "metadata", filename: "meta.tar", content: metadata },
        { name: "rootfs", filename: "rootfs.tar.zst", content: packed },
      ],
      "b0undary",
    );
    const {
      status,
      err,
      metadata: result,
    } = await post(fixture, body, {
      "content-type": "multipart/form-data; boundary=b0undary",
      "x-lxd-properties": "user.cri=true&a=b%20c",
      "x-lxd-public": "1",
    });
    expect([status, err]).toEqual(["Success", ""]);
    const fingerprint = sha256(metadata, packed);
    expect(result?.["fingerprint"]).toBe(fingerprint);
    const image = await fixture.api.get<Image>(`/1.0/images/${fingerprint}`);
    expect(image).toMatchObject({ public: true, properties: { "user.cri": "true", a: "b c" } });
    expect(await boots(fixture, fingerprint)).toBe("yes\n");
  });

  it("of what is there already fail, but say which image it is", async () => {
    await using fixture = await startFixture();
    const { err, metadata } = await post(fixture, await busyboxImage(), { "content-type": "application/octet-stream" });
    expect(err).toBe("Image with same fingerprint already exists");
    expect(metadata?.["fingerprint"]).toBe(sha256(await busyboxImage()));
  });

  it.each([
    ["xz", Buffer.from("fd377a585a000000", "hex"), /xz format cannot be read by fake-lxd/],
    ["squashfs", Buffer.from("68737173", "hex"), /squashfs format cannot be read by fake-lxd/],
    ["nothing known", Buffer.from("nonsense"), /Unsupported compression/],
  ])("of %s are refused with the reason", async (_, body, reason) => {
    await using fixture = await startFixture();
    const { err } = await post(fixture, body, { "content-type": "application/octet-stream" });
    expect(err).toMatch(reason);
  });

  it("without metadata.yaml are refused", async () => {
    await using fixture = await startFixture();
    const archive = await packTar([{ header: { name: "x", size: 1 }, body: "x" }]);
    const { err } = await post(fixture, archive, { "content-type": "application/octet-stream" });
    expect(err).toBe("Metadata tarball is missing metadata.yaml");
  });
});

describe("aliases and properties", () => {
  it("take names with slashes and colons, raw and escaped", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    const [target] = (await api.get<string[]>("/1.0/images")).map((url) => url.split("/").at(-1));
    const created = await api.raw("POST", "/1.0/images/aliases", JSON.stringify({ name: "lxe/a:b", target }));
    expect(created.headers["location"]).toBe("/1.0/images/aliases/lxe%252Fa:b");
    for (const path of ["lxe/a:b", "lxe%2Fa:b"]) {
      expect(await api.get(`/1.0/images/aliases/${path}`)).toMatchObject({ name: "lxe/a:b", target });
    }
    expect(await api.refusal("POST", "/1.0/images/aliases", { name: "lxe/a:b", target })).toEqual([
      409,
      'Alias "lxe/a:b" already exists',
    ]);
  });

  it("of an image merge by PATCH; its delete takes its aliases along", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    const [url = ""] = await api.get<string[]>("/1.0/images");
    await api.call("PATCH", url, { properties: { "user.cri": "true" } });
    expect((await api.get<Image>(url)).properties).toMatchObject({ os: "busybox", "user.cri": "true" });
    await api.must("DELETE", url);
    expect(await api.get("/1.0/images/aliases")).toEqual([]);
  });
});

describe("pulls", () => {
  it("come from a simplestreams server, by alias and for this machine", async () => {
    await using fixture = await startFixture();
    const archive = await busyboxImage();
    const { architecture } = await fixture.api.get<Image>(`/1.0/images/${sha256(archive)}`);
    const arch = { x86_64: "amd64", aarch64: "arm64" }[architecture] ?? architecture;
    const item = { ftype: "lxd_combined.tar.gz", path: "images/busybox.tar.gz", sha256: sha256(archive), size: 1 };
    const product = {
      aliases: "busybox/1,busybox",
      arch,
      os: "Busybox",
      release: "1",
      versions: { "1": { items: { item } } },
    };
    const files: Record<string, string | Uint8Array> = {
      "/streams/v1/index.json": JSON.stringify({
        index: { images: { datatype: "image-downloads", path: "streams/v1/images.json", products: ["p"] } },
      }),
      "/streams/v1/images.json": JSON.stringify({ products: { p: product } }),
      "/images/busybox.tar.gz": archive,
    };
    const server = createServer((request, response) => {
      const body = files[request.url ?? ""];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await fixture.api.must("DELETE", `/1.0/images/${sha256(archive)}`);
      const source = { type: "image", mode: "pull", server: address, protocol: "simplestreams", alias: "busybox/1" };
      const { metadata } = await fixture.api.must("POST", "/1.0/images", { source, aliases: [{ name: "pulled" }] });
      expect(metadata?.["fingerprint"]).toBe(sha256(archive));
      const image = await fixture.api.get<Image>(`/1.0/images/${sha256(archive)}`);
      expect(image.update_source).toMatchObject({ alias: "busybox/1", protocol: "simplestreams", server: address });
      expect(image.aliases).toEqual([{ name: "pulled", description: "" }]);
      const missing = await fixture.api.operate("POST", "/1.0/images", { source: { ...source, alias: "nope" } });
      expect(missing.err).toBe(
        "Failed getting remote image info: Failed getting image: The requested image couldn't be found",
      );
    } finally {
      server.close();
    }
  });

  it("come from another LXD, by an alias that is sent as fingerprint", async () => {
    await using origin = await startFixture();
    await using fixture = await startFixture();
    const fingerprint = sha256(await busyboxImage());
    await fixture.api.must("DELETE", `/1.0/images/${fingerprint}`);
    const server = createServer((request, response) => {
      const options = { socketPath: origin.fake.socketPath, path: request.url, headers: request.headers };
      httpRequest(options, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const source = { type: "image", mode: "pull", server: address, protocol: "lxd", fingerprint: "busybox" };
      await fixture.api.must("POST", "/1.0/images", { source });
      const image = await fixture.api.get<Image>(`/1.0/images/${fingerprint}`);
      expect(image).toMatchObject({ cached: false, filename: "image.tar.gz", properties: { os: "busybox" } });
      expect(await boots(fixture, fingerprint)).toBe("yes\n");
    } finally {
      server.close();
    }
  });

  it("from a server that is not there fail with the address", async () => {
    await using fixture = await startFixture();
    const source = { type: "image", mode: "pull", server: "http://127.0.0.1:1", protocol: "simplestreams", alias: "x" };
    const { err } = await fixture.api.operate("POST", "/1.0/images", { source });
    expect(err).toBe(
      'Failed getting remote image info: Failed getting image: Failed parsing stream: Get "http://127.0.0.1:1/streams/v1/index.json": Unable to connect to: 127.0.0.1:1 ([dial tcp 127.0.0.1:1: connect: connection refused])',
    );
  });
});
