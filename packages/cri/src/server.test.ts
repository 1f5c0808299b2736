import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { createCriClient } from "./client.ts";
import * as errors from "./errors.ts";
import { ContainerEventResponse, ListImagesResponse, VersionResponse } from "./gen/api.ts";
import type { CallContext, UnaryHandler } from "./handlers.ts";
import { collect, startLoopback } from "./loopback.fixture.ts";
import { methods } from "./methods.ts";

const version = VersionResponse.fromPartial({ version: "0.1.0", runtimeName: "lxe" });

describe("an RPC without a handler", () => {
  it("is answered Unimplemented, for every one of them", async () => {
    await using loopback = await startLoopback({});
    const client = loopback.client as unknown as Record<string, (request: object) => unknown>;
    for (const method of methods) {
      const answer = client[method.key]?.({});
      const outcome = method.responseStream ? collect(answer as AsyncIterable<unknown>) : answer;
      await expect(outcome).rejects.toMatchObject({
        grpcCode: 12,
        codeName: "UNIMPLEMENTED",
        method: method.name,
        message: `${method.name} is not implemented`,
      });
    }
  });
});

describe("a large message", () => {
  const limit = 16 * 1024 * 1024;
  const room = 64;

  it("passes both ways with nearly 16 MiB", async () => {
    const text = "x".repeat(limit - room);
    await using loopback = await startLoopback({
      version: async (request) => ({ ...version, version: request.version, runtimeName: "" }),
    });
    const answer = await loopback.client.version({ version: text });
    expect(answer.version.length).toBe(text.length);
    expect(answer.version === text).toBe(true);
  });

  it("is ResourceExhausted as a response over 16 MiB", async () => {
    await using loopback = await startLoopback({
      listImages: async () => ListImagesResponse.fromPartial({ images: [{ id: "x".repeat(limit) }] }),
    });
    await expect(loopback.client.listImages({})).rejects.toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
    expect(loopback.logged).toMatchObject([{ level: "warn", fields: { code: "RESOURCE_EXHAUSTED" } }]);
  });

  it("is ResourceExhausted as a request over 16 MiB, whose handler never runs", async () => {
    const handler = vi.fn<UnaryHandler<unknown, VersionResponse>>(async () => version);
    await using loopback = await startLoopback({ version: handler });
    const generous = createCriClient(loopback.target, { maxMessageBytes: 2 * limit });
    const answer = generous.version({ version: "x".repeat(limit) });
    await expect(answer).rejects.toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
    generous.close();
    expect(handler).not.toHaveBeenCalled();
  });
});

describe("close", () => {
  it("waits for running calls, takes no new ones and removes the socket", async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using loopback = await startLoopback({
      version: async () => {
        started.resolve();
        await release.promise;
        return version;
      },
    });
    const answer = loopback.client.version({});
    await started.promise;
    let closed = false;
    const closing = loopback.server.close().then(() => (closed = true));
    await expect(createCriClient(loopback.target).version({})).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
    expect(closed).toBe(false);
    release.resolve();
    await expect(answer).resolves.toEqual(version);
    await closing;
    expect(existsSync(loopback.socketPath)).toBe(false);
  });

  it("waits for a handler whose caller has left", async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let finished = false;
    await using loopback = await startLoopback({
      version: async () => {
        started.resolve();
        await release.promise;
        finished = true;
        return version;
      },
    });
    const abort = new AbortController();
    const answer = loopback.client.version({}, { signal: abort.signal }).catch(() => undefined);
    await started.promise;
    abort.abort();
    await answer;
    const closing = loopback.server.close();
    release.resolve();
    await closing;
    expect(finished).toBe(true);
  });

  it("ends streams with Unavailable", async () => {
    await using loopback = await startLoopback({
      getContainerEvents: async function* (_, call) {
        yield ContainerEventResponse.fromPartial({});
        await once(call.signal, "abort");
      },
    });
    const events = loopback.client.getContainerEvents({})[Symbol.asyncIterator]();
    await events.next();
    const closing = loopback.server.close();
    await expect(events.next()).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
    await closing;
  });

  it("does not wait for a connection that says nothing", async () => {
    await using loopback = await startLoopback({});
    const socket = connect(loopback.socketPath);
    await once(socket, "connect");
    await loopback.client.version({}).catch(() => undefined);
    await loopback.server.close();
    expect(existsSync(loopback.socketPath)).toBe(false);
    socket.destroy();
  });
});

describe("destroy", () => {
  it("does not wait: calls fail, signals abort, a close under way resolves", async () => {
    const started = Promise.withResolvers<CallContext>();
    await using loopback = await startLoopback({
      version: (_, call) => {
        started.resolve(call);
        return new Promise(() => undefined);
      },
    });
    const answer = loopback.client.version({}).catch((error: unknown) => error);
    const { signal } = await started.promise;
    const closing = loopback.server.close();
    loopback.server.destroy();
    expect(signal.reason).toBeInstanceOf(errors.UnavailableError);
    await closing;
    await expect(answer).resolves.toMatchObject({ codeName: expect.stringMatching(/UNAVAILABLE|CANCELLED/) });
  });
});

describe("listen", () => {
  it("rejects a path that is taken, and one that is too long", async () => {
    await using loopback = await startLoopback({});
    await using other = await startLoopback({});
    await expect(other.server.listen(loopback.socketPath)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      cause: expect.objectContaining({ message: expect.stringContaining("EADDRINUSE") }),
    });
    await expect(other.server.listen(`/tmp/${"x".repeat(120)}`)).rejects.toBeInstanceOf(errors.InvalidArgumentError);
  });
});
