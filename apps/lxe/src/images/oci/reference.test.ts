import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatReference,
  namesRegistry,
  type OciReference,
  parseReference,
  repositoryOf,
  tryParseReference,
} from "./reference.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

describe("a reference becomes whole", () => {
  it.each([
    ["busybox", "docker.io/library/busybox:latest"],
    ["busybox:1.36", "docker.io/library/busybox:1.36"],
    ["library/busybox", "docker.io/library/busybox:latest"],
    ["user/app", "docker.io/user/app:latest"],
    ["docker.io/busybox", "docker.io/library/busybox:latest"],
    ["index.docker.io/user/app:2", "docker.io/user/app:2"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app", "localhost:5000/app:latest"],
    ["registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"],
    ["127.0.0.1:5000/a/b/c:x_y.z-1", "127.0.0.1:5000/a/b/c:x_y.z-1"],
    ["[::1]:5000/a", "[::1]:5000/a:latest"],
    ["Registry/app", "Registry/app:latest"],
    ["a__b/c--d.e_f", "docker.io/a__b/c--d.e_f:latest"],
    [`app@${DIGEST}`, `docker.io/library/app@${DIGEST}`],
    [`reg.io/app:1@${DIGEST}`, `reg.io/app@${DIGEST}`],
    [`app@sha512:${HEX}${HEX}`, `docker.io/library/app@sha512:${HEX}${HEX}`],
    ["sha256", "docker.io/library/sha256:latest"],
    [`docker.io/${HEX}`, `docker.io/library/${HEX}:latest`],
  ])("%s is %s", (text, whole) => {
    expect(formatReference(parseReference(text))).toBe(whole);
  });
});

describe("what is no reference", () => {
  it.each([
    ["", "empty"],
    ["reg.io/", "empty"],
    ["Busybox", "lower case"],
    ["reg.io/App", "lower case"],
    [HEX, "an id"],
    ["a//b", "characters"],
    ["/a", "characters"],
    ["a/", "characters"],
    ["a..b", "characters"],
    ["a_-b", "characters"],
    ["-a", "characters"],
    ["a:", "tag"],
    ["a:-1", "tag"],
    [`a:${"x".repeat(129)}`, "tag"],
    ["a@sha256:12", "digest"],
    [`a@sha256:${HEX.slice(1)}`, "digest"],
    [`a@sha256:${HEX.toUpperCase()}`, "digest"],
    [`a@md5:${HEX.slice(32)}`, "digest"],
    [`a@${HEX}`, "digest"],
    [`a@${DIGEST}@${DIGEST}`, "digest"],
    ["-reg.io/a", "registry"],
    ["reg.io:port/a", "registry"],
    ["a\u00e9", "characters"],
    [`a/${"b".repeat(255)}`, "longer"],
  ])("%s is refused: %s", (text, reason) => {
    expect(() => parseReference(text)).toThrow(reason);
    expect(tryParseReference(text)).toBeUndefined();
  });
});

const label = fc.stringMatching(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?$/u);
const domain = fc
  .tuple(fc.array(label, { minLength: 2, maxLength: 4 }), fc.option(fc.nat(65535)))
  .map(([labels, port]) => `${labels.join(".")}${port === null ? "" : `:${port}`}`)
  .filter((name) => !/^(?:index\.)?docker\.io$/u.test(name));
const component = fc.stringMatching(/^[a-z0-9]{1,5}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,5}){0,2}$/u);
const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/u);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/u).map((hex) => `sha256:${hex}`);
const reference: fc.Arbitrary<OciReference> = fc.oneof(
  fc.record({ domain, path, tag, digest: fc.constant(undefined) }),
  fc.record({ domain, path, tag: fc.constant(undefined), digest }),
);

describe("any reference", () => {
  it("is the same after it was written and read", () => {
    fc.assert(
      fc.property(reference, (given) => {
        expect(parseReference(formatReference(given))).toEqual(given);
      }),
    );
  });

  it("loses its tag, and nothing else, to a digest", () => {
    fc.assert(
      fc.property(domain, path, tag, digest, (domain, path, tag, digest) => {
        expect(parseReference(`${domain}/${path}:${tag}@${digest}`)).toEqual({ domain, path, tag: undefined, digest });
      }),
    );
  });

  it("means Docker Hub where its first component is no registry", () => {
    fc.assert(
      fc.property(
        path.filter((text) => !namesRegistry(text)),
        tag,
        (path, tag) => {
          const expected = path.includes("/") ? path : `library/${path}`;
          expect(repositoryOf(parseReference(`${path}:${tag}`))).toBe(`docker.io/${expected}`);
        },
      ),
    );
  });
});

describe("any text", () => {
  it("is refused with a reason, or is a reference that stays the same when it is written and read again", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9.:/@_-]{0,40}$/u));
    fc.assert(
      fc.property(text, (text) => {
        const read = tryParseReference(text);
        expect(read && parseReference(formatReference(read))).toEqual(read);
      }),
    );
  });
});
