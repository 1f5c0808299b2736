import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCatalog } from "./catalog.ts";
import type { Naming } from "./reference.ts";
import { fakeFingerprint, fakeImage } from "./testing/fake-image.ts";

const A = fakeFingerprint("aa1");
const B = fakeFingerprint("aa2b");

function naming(defaultRemote = "local"): Naming {
  const kinds = new Map<string, "server" | "local">([
    ["local", "local"],
    ["images", "server"],
    ["ubuntu", "server"],
  ]);
  return { defaultRemote, remoteKind: (name) => kinds.get(name) };
}

function resolveIn(
  aliases: { a?: string[]; b?: string[] },
  reference: string,
  defaultRemote?: string,
): string | undefined {
  const images = [fakeImage(A, aliases.a), fakeImage(B, aliases.b)];
  const found = createCatalog(images, naming(defaultRemote)).resolve(reference)?.fingerprint;
  return found === A ? "a" : found === B ? "b" : found;
}

describe("a reference means", () => {
  it.each([
    ["the image of a whole fingerprint", {}, A, "a"],
    ["the image of an id", {}, `sha256:${B}`, "b"],
    ["the image of a digest, whatever the name", { a: ["name"] }, `name@sha256:${B}`, "b"],
    [
      "nothing for an unknown digest, whatever the name",
      { a: ["name"] },
      `name@sha256:${fakeFingerprint("cc")}`,
      undefined,
    ],
    ["the image of a unique prefix", {}, "aa2", "b"],
    ["the image of a unique prefix of an id", {}, "sha256:aa1", "a"],
    ["nothing for a prefix of several images", {}, "aa", undefined],
    ["an alias rather than a prefix", { b: ["aa1"] }, "aa1", "b"],
    ["a whole fingerprint rather than an alias", { b: [A] }, A, "a"],
    ["an alias with blanks and colons as it is", { a: ["x:y/z 1"] }, "x:y/z 1", "a"],
    ["an alias although the kubelet added :latest", { a: ["web"] }, "web:latest", "a"],
    ["the alias with :latest where both exist", { a: ["web"], b: ["web:latest"] }, "web:latest", "b"],
    ["the alias without :latest where both exist", { a: ["web"], b: ["web:latest"] }, "web", "a"],
    ["the alias with :latest where only that exists", { b: ["web:latest"] }, "web", "b"],
    ["nothing for another tag", { a: ["web"] }, "web:1", undefined],
    ["what was pulled", { a: ["lxe/ubuntu/jammy"] }, "ubuntu/jammy:latest", "a"],
    [
      "what was pulled rather than a local alias",
      { a: ["lxe/ubuntu/jammy"], b: ["ubuntu/jammy"] },
      "ubuntu/jammy",
      "a",
    ],
    ["a local alias where nothing was pulled", { b: ["ubuntu/jammy"] }, "ubuntu/jammy", "b"],
    ["the local alias behind local/", { a: ["ubuntu/jammy"], b: ["lxe/ubuntu/jammy"] }, "local/ubuntu/jammy", "a"],
    ["nothing for an empty name", { a: ["x"] }, "", undefined],
    ["nothing for :latest", { a: ["x"] }, ":latest", undefined],
  ])("%s", (_, aliases, reference, expected) => {
    expect(resolveIn(aliases, reference)).toBe(expected);
  });

  it.each([
    ["what was pulled from the default remote", { a: ["lxe/images/alpine/3.20"] }, "alpine/3.20", "a"],
    ["a local alias rather than that", { a: ["lxe/images/web"], b: ["web"] }, "web:latest", "b"],
    [
      "nothing of the default remote where a remote is named",
      { a: ["lxe/images/ubuntu/jammy"] },
      "ubuntu/jammy",
      undefined,
    ],
  ])("with a default remote: %s", (_, aliases, reference, expected) => {
    expect(resolveIn(aliases, reference, "images")).toBe(expected);
  });
});

describe("a record", () => {
  it("shows pulled names without their mark, and every name with a tag", () => {
    const [record] = createCatalog([fakeImage(A, ["lxe/ubuntu/jammy", "web:1"])], naming()).records;
    expect(record?.repoTags).toEqual(["ubuntu/jammy:latest", "web:1"]);
    expect(record?.repoDigests).toEqual([`ubuntu/jammy@sha256:${A}`, `web@sha256:${A}`]);
  });

  it("leaves out a name that leads to another image", () => {
    const images = [fakeImage(A, ["web"]), fakeImage(B, ["web:latest"])];
    const tags = createCatalog(images, naming()).records.map((record) => record.repoTags);
    expect(tags).toEqual([[], ["web:latest"]]);
  });

  it("never has the size 0", () => {
    expect(createCatalog([fakeImage(A, [], { size: 0 })], naming()).records[0]?.sizeBytes).toBe(1n);
  });

  it("is pinned by its property or as a sandbox image", () => {
    const images = [
      fakeImage(A, [], { properties: { "lxe.pinned": "true" } }),
      fakeImage(B, ["lxe/pause/x86_64"]),
      fakeImage(fakeFingerprint("cc"), ["web"], { properties: { "lxe.pinned": "false" } }),
    ];
    expect(createCatalog(images, naming()).records.map((record) => record.pinned)).toEqual([true, true, false]);
  });

  it("carries how the image wants to be run, as far as its properties say so", () => {
    const run = JSON.stringify({ entrypoint: ["/app"], user: "1000", unknown: 1 });
    const [record] = createCatalog(
      [fakeImage(A, [], { properties: { "lxe.run": run, "lxe.type": "app" } })],
      naming(),
    ).records;
    expect(record).toMatchObject({ type: "app", run: { entrypoint: ["/app"], cmd: [], user: "1000", workingDir: "" } });
  });

  it.each(["", "{", "[]", "null", '{"entrypoint":1}'])(
    "runs as if nothing were said when the property is %j",
    (run) => {
      const [record] = createCatalog(
        [fakeImage(A, [], { properties: { "lxe.run": run, "lxe.type": "x" } })],
        naming(),
      ).records;
      expect(record).toMatchObject({ type: undefined, run: { entrypoint: [], cmd: [], env: [], user: "" } });
    },
  );

  it("does not exist for an image of virtual machines", () => {
    const images = [fakeImage(A, ["vm"], { type: "virtual-machine" })];
    const catalog = createCatalog(images, naming());
    expect(catalog.records).toEqual([]);
    expect(catalog.resolve("vm")).toBeUndefined();
  });
});

/** Two images that share the names out. */
function catalogOf(names: readonly string[], remote: string) {
  const ofA = names.filter((_, index) => index % 2 === 0);
  return createCatalog(
    [
      fakeImage(A, ofA),
      fakeImage(
        B,
        names.filter((name) => !ofA.includes(name)),
      ),
    ],
    naming(remote),
  );
}

describe("for any aliases", () => {
  const part = fc.constantFrom("a", "web", "lxe", "ubuntu", "images", "local", "latest", "1.2", "pause", "aa");
  const alias = fc.array(fc.tuple(part, fc.constantFrom("/", ":")), { minLength: 1, maxLength: 4 }).map((parts) =>
    parts
      .map(([text, separator]) => text + separator)
      .join("")
      .slice(0, -1),
  );
  const aliases = fc.uniqueArray(alias, { maxLength: 8 });
  const defaultRemote = fc.constantFrom("local", "images");

  it("each tag and digest shown resolves to its image, and has a tag for the kubelet to compare", () => {
    fc.assert(
      fc.property(aliases, defaultRemote, (names, remote) => {
        const catalog = catalogOf(names, remote);
        for (const record of catalog.records) {
          for (const shown of [...record.repoTags, ...record.repoDigests, record.id]) {
            expect(catalog.resolve(shown)).toBe(record);
          }
          for (const tag of record.repoTags) expect(tag.slice(tag.lastIndexOf("/") + 1)).toContain(":");
        }
      }),
    );
  });

  it("a name with and without :latest is the same image where at most one of both spellings is an alias", () => {
    fc.assert(
      fc.property(aliases, defaultRemote, alias, (names, remote, name) => {
        fc.pre(!name.slice(name.lastIndexOf("/") + 1).includes(":"));
        fc.pre(!names.some((other) => other.endsWith(`${name}:latest`)));
        const catalog = catalogOf(names, remote);
        // A prefix of a fingerprint has no tag.
        fc.pre(!/^[0-9a-f]+$/u.test(name));
        expect(catalog.resolve(`${name}:latest`)).toBe(catalog.resolve(name));
      }),
    );
  });

  it("no text at all makes resolving fail", () => {
    fc.assert(
      fc.property(aliases, defaultRemote, fc.string({ unit: "binary" }), (names, remote, text) => {
        const record = catalogOf(names, remote).resolve(text);
        expect([A, B, undefined]).toContain(record?.fingerprint);
      }),
    );
  });
});
