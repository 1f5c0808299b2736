/** The registry client against a server that behaves, and one that does not. */
import { describe, expect, it } from "vitest";
import { createSilentLogger } from "../../../platform/logger.ts";
import { createManualClock, type ManualClock } from "../../../platform/manual-clock.ts";
import { createSeededRandom } from "../../../platform/random.ts";
import { createSystemHostFiles } from "../../../platform/system-host-files.ts";
import {
  AccessDeniedError,
  ImageMissingError,
  InvalidImageError,
  RegistryProtocolError,
  RegistryUnavailableError,
} from "../errors.ts";
import { OCI_LIMITS } from "../limits.ts";
import { parseReference } from "../reference.ts";
import { layerOf } from "../testing/layers.ts";
import { descriptorOf, testImage } from "../testing/test-image.ts";
import { answer, breakAfter, startTestRegistry, type TestRegistry } from "../testing/test-registry.ts";
import type { RegistryAuth } from "./auth/credentials.ts";
import { openRegistry, type RegistrySession } from "./session.ts";

const content = Buffer.alloc(300_000, "0123456789abcdef");
const layer = layerOf(content, "plain");
const blob = { ...descriptorOf(layer.mediaType, layer.bytes), platform: undefined, annotations: undefined };
const image = testImage({ layers: [layer] });
const noAuth: RegistryAuth = {
  username: "",
  password: "",
  auth: "",
  serverAddress: "",
  identityToken: "",
  registryToken: "",
};
const never = new AbortController().signal;
const limits = { ...OCI_LIMITS, manifestBytesMax: 10_000 };

interface Opened extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly session: RegistrySession;
  readonly clock: ManualClock;
  readonly signal: AbortSignal;
  readonly abort: (reason: Error) => void;
  readonly logged: string[];
}

/** A registry with `app:1`, and a client on a clock that runs by itself through waits between attempts. */
async function open(auth?: Partial<RegistryAuth>): Promise<Opened> {
  const registry = await startTestRegistry();
  registry.push(image, "app", "1");
  const clock = createManualClock();
  const controller = new AbortController();
  const logged: string[] = [];
  const log = { ...createSilentLogger(), debug: (...line: unknown[]) => void logged.push(JSON.stringify(line)) };
  const session = await openRegistry(
    {
      clock: {
        setTimeout: (run, delayMs) => clock.setTimeout(run, delayMs),
        sleep: (delayMs, signal) => {
          const slept = clock.sleep(delayMs, signal);
          clock.advance(delayMs);
          return slept;
        },
      },
      random: createSeededRandom(1),
      files: createSystemHostFiles(),
      log,
      environment: {},
      configDirectory: undefined,
      limits,
    },
    parseReference(`${registry.host}/app:1`),
    auth && { ...noAuth, ...auth },
  );
  return {
    registry,
    session,
    clock,
    logged,
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

async function download({ session, signal }: Opened): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of session.blob(blob, "the layer", signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const BLOB = `/v2/app/blobs/${blob.digest}`;
const MANIFEST = "/v2/app/manifests/1";

describe("a manifest", () => {
  it("is had by tag and by digest, with the digest of its bytes", async () => {
    await using opened = await open();
    const wanted = { bytes: image.manifest, contentType: image.mediaType, digest: image.digest };
    expect(await opened.session.manifest({ tag: "1", digest: undefined }, opened.signal)).toEqual(wanted);
    expect(await opened.session.manifest({ tag: undefined, digest: image.digest }, opened.signal)).toEqual(wanted);
    expect(opened.registry.seen[0]?.headers["accept"]).toContain("manifest.list.v2+json");
  });

  it("that is missing is said to be missing, in the registry's words", async () => {
    await using opened = await open();
    const missing = opened.session.manifest({ tag: "2", digest: undefined }, opened.signal);
    await expect(missing).rejects.toThrow(ImageMissingError);
    await expect(missing).rejects.toThrow(/app not found at 127.0.0.1:\d+ \(MANIFEST_UNKNOWN: manifest unknown\)/u);
  });

  it("is refused when it is not what was asked for, or not what the registry says", async () => {
    await using opened = await open();
    const { registry, session } = opened;
    registry.on(`/v2/app/manifests/${image.digest}`, answer(200, {}, "{}"), 9);
    await expect(session.manifest({ tag: undefined, digest: image.digest }, never)).rejects.toThrow(InvalidImageError);
    registry.on(MANIFEST, answer(200, { "docker-content-digest": `sha256:${"0".repeat(64)}` }, "{}"), 9);
    await expect(session.manifest({ tag: "1", digest: undefined }, never)).rejects.toThrow("should be sha256:000");
  });

  it("is refused when it is too large", async () => {
    await using opened = await open();
    opened.registry.on(MANIFEST, answer(200, {}, Buffer.alloc(limits.manifestBytesMax + 1)), 9);
    await expect(opened.session.manifest({ tag: "1", digest: undefined }, opened.signal)).rejects.toThrow(
      "more than 10000 bytes",
    );
  });
});

describe("a blob", () => {
  it("comes whole", async () => {
    await using opened = await open();
    expect(await download(opened)).toEqual(content);
  });

  it("is continued where it broke, several times", async () => {
    await using opened = await open();
    const { registry } = opened;
    registry.on(BLOB, breakAfter(content, 100_000));
    registry.on(BLOB, answer(503));
    registry.on(BLOB, (_, response) => {
      response.writeHead(206, { "content-range": `bytes 100000-299999/300000`, "content-length": 200_000 });
      response.write(content.subarray(100_000, 250_000), () => void response.destroy());
    });
    expect(await download(opened)).toEqual(content);
    const ranges = registry.seen.map(({ headers }) => headers.range);
    expect(ranges.filter((range) => range !== undefined).length).toBeGreaterThan(0);
    expect(ranges[0]).toBeUndefined();
  });

  it("is continued by servers that know no ranges, without a byte twice", async () => {
    await using opened = await open();
    opened.registry.on(BLOB, breakAfter(content, 150_000));
    opened.registry.on(BLOB, answer(200, {}, content));
    expect(await download(opened)).toEqual(content);
  });

  it("is refused where it continues at another place", async () => {
    await using opened = await open();
    opened.registry.on(BLOB, breakAfter(content, 100_000));
    opened.registry.on(BLOB, answer(206, { "content-range": "bytes 5-299999/300000" }, content.subarray(5)));
    await expect(download(opened)).rejects.toThrow(RegistryProtocolError);
  });

  it.each([
    ["other bytes", Buffer.alloc(content.length, "x"), "its content was changed"],
    ["more bytes", Buffer.concat([content, content]), "longer"],
  ])("with %s is refused", async (_, bytes, reason) => {
    await using opened = await open();
    opened.registry.on(BLOB, answer(200, {}, bytes));
    await expect(download(opened)).rejects.toThrow(InvalidImageError);
    opened.registry.on(BLOB, answer(200, {}, bytes));
    await expect(download(opened)).rejects.toThrow(reason);
  });

  it("that always breaks is given up, soon", async () => {
    await using opened = await open();
    opened.registry.on(
      BLOB,
      (_, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write(content.subarray(0, 10), () => void response.destroy());
      },
      99,
    );
    await expect(download(opened)).rejects.toThrow(/^RegistryUnavailable: cannot pull/u);
    expect(opened.registry.seen.length).toBeLessThanOrEqual(limits.attemptsMax);
  });

  it("that ends early each time is given up, soon", async () => {
    await using opened = await open();
    opened.registry.on(BLOB, answer(200, {}, content.subarray(0, 10)), 99);
    await expect(download(opened)).rejects.toThrow("ends a download of 300000 bytes after 10");
  });

  it("may be empty", async () => {
    await using opened = await open();
    const nothing = descriptorOf("x", Buffer.alloc(0));
    opened.registry.on(`/v2/app/blobs/${nothing.digest}`, answer(200));
    const descriptor = { ...nothing, platform: undefined, annotations: undefined };
    for await (const chunk of opened.session.blob(descriptor, "nothing", never)) expect(chunk.length).toBe(0);
  });
});

describe("a server that does not answer", () => {
  it("is asked again, and given up with the reason that the kubelet knows", async () => {
    await using opened = await open();
    opened.registry.on(MANIFEST, answer(500, {}, "oops"), 99);
    const pulled = opened.session.manifest({ tag: "1", digest: undefined }, opened.signal);
    await expect(pulled).rejects.toThrow(RegistryUnavailableError);
    await expect(pulled).rejects.toThrow(
      /^RegistryUnavailable: cannot pull .*\/app:1: http:\/\/127.0.0.1:\d+ answers 500$/u,
    );
    expect(opened.registry.seen.length).toBe(limits.attemptsMax);
  });

  it("is left alone for longer each time", async () => {
    await using opened = await open();
    const asked: number[] = [];
    opened.registry.on(
      MANIFEST,
      (_, response) => {
        asked.push(opened.clock.monotonicMs());
        response.writeHead(503).end();
      },
      99,
    );
    await expect(opened.session.manifest({ tag: "1", digest: undefined }, opened.signal)).rejects.toThrow(
      "answers 503",
    );
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(pauses.length).toBe(limits.attemptsMax - 1);
    for (const [index, pause] of pauses.entries()) {
      const longest = limits.retryMsMin * 2 ** index;
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest);
    }
  });

  it("is left alone as long as it asks for", async () => {
    await using opened = await open();
    opened.registry.on(MANIFEST, answer(429, { "retry-after": "7" }));
    await opened.session.manifest({ tag: "1", digest: undefined }, opened.signal);
    expect(opened.clock.monotonicMs()).toBe(7000);
  });

  it("is not there", async () => {
    await using opened = await open();
    await opened.registry[Symbol.asyncDispose]();
    await expect(opened.session.manifest({ tag: "1", digest: undefined }, opened.signal)).rejects.toThrow(
      /^RegistryUnavailable: .*ECONNREFUSED/u,
    );
  });

  it("is waited for so long and no longer", async () => {
    await using opened = await open();
    let asked = 0;
    opened.registry.on(
      MANIFEST,
      () => {
        asked += 1;
        opened.clock.advance(limits.answerMs);
      },
      99,
    );
    await expect(opened.session.manifest({ tag: "1", digest: undefined }, opened.signal)).rejects.toThrow(
      "no answer in 30 s",
    );
    expect(asked).toBe(limits.attemptsMax);
  });

  it("in the middle of a manifest is not waited for", async () => {
    await using opened = await open();
    opened.registry.on(
      MANIFEST,
      (_, response) => {
        response.writeHead(200, { "content-length": 100 });
        response.write("{", () => setImmediate(() => opened.clock.advance(limits.answerMs)));
      },
      99,
    );
    await expect(opened.session.manifest({ tag: "1", digest: undefined }, opened.signal)).rejects.toThrow(
      RegistryUnavailableError,
    );
  });

  it("in the middle of a blob, or trickling it, is taken for broken", async () => {
    await using opened = await open();
    let sent = 0;
    opened.registry.on(
      BLOB,
      (_, response) => {
        response.writeHead(200, { "content-length": content.length });
        const trickle = (): void => {
          if (response.destroyed) return;
          sent += 1;
          response.write("x", () => {
            opened.clock.advance(limits.stallMs / 10);
            setImmediate(trickle);
          });
        };
        trickle();
      },
      99,
    );
    await expect(download(opened)).rejects.toThrow("fewer than 65536 bytes in 60 s");
    expect(sent).toBeLessThan(1000);
  });
});

describe("a pull that is cancelled", () => {
  it("ends the connection, whatever it is waiting for", async () => {
    await using opened = await open();
    const closed = new Promise<void>((done) => {
      opened.registry.on(BLOB, (_, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write("x");
        response.once("close", done);
        opened.abort(new RangeError("enough"));
      });
    });
    await expect(download(opened)).rejects.toThrow(RangeError);
    await closed;
  });
});

describe("a redirect", () => {
  const basic = { username: "user", password: "hunter2" };

  it("to another server is followed without a word about who asks", async () => {
    await using storage = await startTestRegistry();
    await using opened = await open(basic);
    const { registry } = opened;
    registry.guard = ({ headers }, response) => {
      if (headers.authorization !== undefined) return false;
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      return true;
    };
    registry.on(BLOB, answer(307, { location: `http://${storage.host}/elsewhere?sig=1` }));
    storage.on("/elsewhere?sig=1", answer(200, {}, content));
    expect(await download(opened)).toEqual(content);
    expect(registry.seen.at(-1)?.headers.authorization).toMatch(/^Basic /u);
    expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it("to the same server keeps the credentials", async () => {
    await using opened = await open({ registryToken: "t0ken" });
    opened.registry.on(BLOB, answer(302, { location: "/other" }));
    opened.registry.on("/other", answer(200, {}, content));
    await download(opened);
    expect(opened.registry.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer t0ken", "Bearer t0ken"]);
  });

  it("without end is not followed for ever", async () => {
    await using opened = await open();
    opened.registry.on(BLOB, answer(307, { location: BLOB }), 99);
    await expect(download(opened)).rejects.toThrow("redirects more than 5 times");
    expect(opened.registry.seen.length).toBe(limits.redirectsMax + 1);
  });

  it.each(["ftp://a/b", "http://[", "file:///etc/passwd"])("to %s is refused", async (location) => {
    await using opened = await open();
    opened.registry.on(BLOB, answer(307, { location }));
    await expect(download(opened)).rejects.toThrow("an address that cannot be used");
  });
});

describe("credentials", () => {
  it("do not appear in errors and logs", async () => {
    await using opened = await open({ username: "user", password: "hunter2" });
    opened.registry.guard = (_, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      return true;
    };
    const denied = await opened.session
      .manifest({ tag: "1", digest: undefined }, opened.signal)
      .catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(AccessDeniedError);
    const texts = [String(denied), JSON.stringify(denied), ...opened.logged].join("\n");
    expect(opened.logged.length).toBe(1);
    for (const secret of ["hunter2", Buffer.from("user:hunter2").toString("base64")])
      expect(texts).not.toContain(secret);
    expect(opened.registry.seen.length).toBe(2);
  });
});
