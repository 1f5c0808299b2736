import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { createCriClient } from "./client.ts";
import * as errors from "./errors.ts";
import {
  type ContainerEventResponse,
  ContainerEventResponse as ContainerEvent,
  ContainerEventType,
  ContainerStatusResponse,
  ListImagesResponse,
  StopContainerResponse,
  StreamContainersResponse,
  StreamImagesResponse,
  StreamPodSandboxesResponse,
  StreamContainerStatsResponse,
  StreamPodSandboxMetricsResponse,
  StreamPodSandboxStatsResponse,
  VersionResponse,
} from "./gen/api.ts";
import type { CallContext, CriHandlers, UnaryHandler } from "./handlers.ts";
import { collect, startLoopback } from "./loopback.fixture.ts";
import { methods } from "./methods.ts";

const version = VersionResponse.fromPartial({ version: "0.1.0", runtimeName: "lxe" });

describe("a unary call", () => {
  it("answers with what the handler returned for the request", async () => {
    await using loopback = await startLoopback({
      version: async (request) => ({ ...version, runtimeVersion: request.version }),
    });
    await expect(loopback.client.version({ version: "v1" })).resolves.toEqual({ ...version, runtimeVersion: "v1" });
  });

  it("carries 64-bit numbers beyond 2^53", async () => {
    const timeouts: bigint[] = [];
    await using loopback = await startLoopback({
      stopContainer: async ({ timeout }) => {
        timeouts.push(timeout);
        return StopContainerResponse.fromPartial({});
      },
    });
    await loopback.client.stopContainer({ containerId: "c", timeout: 2n ** 53n + 1n });
    expect(timeouts).toEqual([2n ** 53n + 1n]);
  });

  it("gives the handler the method, headers and no deadline if there is none", async () => {
    const calls: CallContext[] = [];
    await using loopback = await startLoopback({ version: async (_, call) => (calls.push(call), version) });
    await loopback.client.version({});
    expect(calls[0]).toMatchObject({ method: "Version", metadata: { "user-agent": expect.stringContaining("grpc") } });
    expect(calls[0]).not.toHaveProperty("deadline");
    expect(calls[0]?.signal.aborted).toBe(false);
  });

  it("runs beside others, each with its own answer", async () => {
    const everyoneIsHere = Promise.withResolvers<void>();
    let present = 0;
    await using loopback = await startLoopback({
      version: async (request) => {
        present += 1;
        if (present === 100) everyoneIsHere.resolve();
        await everyoneIsHere.promise;
        return { ...version, runtimeVersion: request.version };
      },
    });
    const numbers = Array.from({ length: 100 }, (_, number) => String(number));
    const answers = await Promise.all(numbers.map((number) => loopback.client.version({ version: number })));
    expect(answers.map((answer) => answer.runtimeVersion)).toEqual(numbers);
  });
});

describe("a streaming call", () => {
  const event = ContainerEvent.fromPartial({ containerId: "c", createdAt: 2n ** 60n });

  it.each([0, 1, 100])("delivers all %d messages in order, and ends", async (count) => {
    const sent = Array.from({ length: count }, (_, number) => ({ ...event, containerId: String(number) }));
    await using loopback = await startLoopback({
      getContainerEvents: async function* () {
        yield* sent;
      },
    });
    await expect(collect(loopback.client.getContainerEvents({}))).resolves.toEqual(sent);
  });

  it("works for every streaming RPC", async () => {
    const containers = StreamContainersResponse.fromPartial({ containers: [{ id: "c" }] });
    const podSandboxes = StreamPodSandboxesResponse.fromPartial({ podSandboxes: [{ id: "s" }] });
    const images = StreamImagesResponse.fromPartial({ images: [{ id: "i" }] });
    const stats = StreamContainerStatsResponse.fromPartial({ containerStats: [{ attributes: { id: "c" } }] });
    const podStats = StreamPodSandboxStatsResponse.fromPartial({ podSandboxStats: [{ attributes: { id: "s" } }] });
    const metrics = StreamPodSandboxMetricsResponse.fromPartial({ podSandboxMetrics: [{ podSandboxId: "s" }] });
    const handlers = {
      getContainerEvents: () => one(event),
      streamContainers: () => one(containers),
      streamPodSandboxes: () => one(podSandboxes),
      streamImages: () => one(images),
      streamContainerStats: () => one(stats),
      streamPodSandboxStats: () => one(podStats),
      streamPodSandboxMetrics: () => one(metrics),
    } satisfies CriHandlers;
    await using loopback = await startLoopback(handlers);
    const { client } = loopback;
    expect(Object.keys(handlers).toSorted()).toEqual(
      methods
        .filter((method) => method.responseStream)
        .map((method) => method.key)
        .toSorted(),
    );
    await expect(collect(client.getContainerEvents({}))).resolves.toEqual([event]);
    await expect(collect(client.streamContainers({ filter: { id: "c" } }))).resolves.toEqual([containers]);
    await expect(collect(client.streamPodSandboxes({}))).resolves.toEqual([podSandboxes]);
    await expect(collect(client.streamImages({}))).resolves.toEqual([images]);
    await expect(collect(client.streamContainerStats({}))).resolves.toEqual([stats]);
    await expect(collect(client.streamPodSandboxStats({}))).resolves.toEqual([podStats]);
    await expect(collect(client.streamPodSandboxMetrics({}))).resolves.toEqual([metrics]);
  });

  it("is pulled no faster than the client reads", async () => {
    const total = 1000;
    let pulled = 0;
    const large = ContainerEvent.fromPartial({ containerId: "x".repeat(256 * 1024) });
    await using loopback = await startLoopback({
      getContainerEvents: async function* () {
        for (; pulled < total; pulled++) yield large;
      },
    });
    const events = loopback.client.getContainerEvents({})[Symbol.asyncIterator]();
    await events.next();
    await settled(() => pulled);
    expect(pulled).toBeLessThan(total / 2);
    let read = 1;
    while (!(await events.next()).done) read += 1;
    expect(read).toBe(total);
  });

  it("fails with the handler's error after the messages before it", async () => {
    await using loopback = await startLoopback({
      getContainerEvents: async function* () {
        yield event;
        throw new errors.FailedPreconditionError("no more");
      },
    });
    const received: ContainerEventResponse[] = [];
    const reading = (async () => {
      for await (const message of loopback.client.getContainerEvents({})) received.push(message);
    })();
    await expect(reading).rejects.toMatchObject({ codeName: "FAILED_PRECONDITION", message: "no more" });
    expect(received).toEqual([event]);
  });

  it("lets the handler's iterator return when the reader stops", async () => {
    const returned = Promise.withResolvers<unknown>();
    await using loopback = await startLoopback({
      getContainerEvents: async function* (_, call) {
        try {
          yield event;
          await once(call.signal, "abort");
        } finally {
          returned.resolve(call.signal.reason);
        }
      },
    });
    for await (const message of loopback.client.getContainerEvents({})) {
      expect(message.containerEventType).toBe(ContainerEventType.CONTAINER_CREATED_EVENT);
      break;
    }
    await expect(returned.promise).resolves.toBeInstanceOf(errors.CancelledError);
  });

  it("starts before it is read, and a failure nobody reads is no unhandled error", async () => {
    const started = Promise.withResolvers<void>();
    await using loopback = await startLoopback({
      getContainerEvents: () => {
        started.resolve();
        throw new errors.InternalError("broken");
      },
    });
    const events = loopback.client.getContainerEvents({});
    await started.promise;
    await loopback.client.version({}).catch(() => undefined);
    await expect(collect(events)).rejects.toMatchObject({ codeName: "INTERNAL", message: "broken" });
  });
});

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

describe("a failing handler", () => {
  const codes = [
    [errors.CancelledError, 1, "CANCELLED"],
    [errors.UnknownError, 2, "UNKNOWN"],
    [errors.InvalidArgumentError, 3, "INVALID_ARGUMENT"],
    [errors.DeadlineExceededError, 4, "DEADLINE_EXCEEDED"],
    [errors.NotFoundError, 5, "NOT_FOUND"],
    [errors.AlreadyExistsError, 6, "ALREADY_EXISTS"],
    [errors.ResourceExhaustedError, 8, "RESOURCE_EXHAUSTED"],
    [errors.FailedPreconditionError, 9, "FAILED_PRECONDITION"],
    [errors.UnimplementedError, 12, "UNIMPLEMENTED"],
    [errors.InternalError, 13, "INTERNAL"],
    [errors.UnavailableError, 14, "UNAVAILABLE"],
  ] as const;

  it.each(codes)("that throws %o answers %i %s with its message", async (ErrorClass, grpcCode, codeName) => {
    await using loopback = await startLoopback({
      version: () => Promise.reject(new ErrorClass("why: 100 % “ü”")),
    });
    await expect(loopback.client.version({})).rejects.toMatchObject({ grpcCode, codeName, message: "why: 100 % “ü”" });
  });

  it("that throws anything else answers Unknown with the bare message", async () => {
    const thrown: unknown[] = [new TypeError("RegistryUnavailable: down"), "text"];
    await using loopback = await startLoopback({ version: () => Promise.reject(thrown.shift()) });
    const message = "RegistryUnavailable: down";
    await expect(loopback.client.version({})).rejects.toMatchObject({ codeName: "UNKNOWN", message });
    await expect(loopback.client.version({})).rejects.toMatchObject({ codeName: "UNKNOWN", message: "text" });
  });

  it("that throws another package's error answers what mapError makes of it", async () => {
    const foreign = Object.assign(new Error("gone"), { status: 404 });
    const mapError = (error: unknown) =>
      error === foreign ? new errors.NotFoundError("no such sandbox", { cause: error }) : undefined;
    await using loopback = await startLoopback({ version: () => Promise.reject(foreign) }, { mapError });
    await expect(loopback.client.version({})).rejects.toMatchObject({ grpcCode: 5, message: "no such sandbox" });
  });

  it("that returns what cannot be encoded answers Internal", async () => {
    await using loopback = await startLoopback({
      containerStatus: async () => ContainerStatusResponse.fromPartial({ status: { createdAt: 2n ** 70n } }),
    });
    const message = "ContainerStatus: the response cannot be encoded";
    await expect(loopback.client.containerStatus({})).rejects.toMatchObject({ codeName: "INTERNAL", message });
  });

  it.each(["\ud800 half a character", "x".repeat(1_000_000), "line\nbreak\0"])(
    "still answers if its message is hard to send",
    async (message) => {
      await using loopback = await startLoopback({ version: () => Promise.reject(new errors.NotFoundError(message)) });
      await expect(loopback.client.version({})).rejects.toMatchObject({ codeName: "NOT_FOUND" });
    },
  );
});

describe("a deadline", () => {
  it("reaches the handler's signal with its reason, and the client", async () => {
    const seen = Promise.withResolvers<CallContext>();
    await using loopback = await startLoopback(callUntilAborted(seen));
    const answer = loopback.client.version({}, { timeoutMs: 50 });
    await expect(answer).rejects.toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
    expect((await seen.promise).signal.reason).toBeInstanceOf(errors.DeadlineExceededError);
  });

  it("reaches the signal of a stream's handler", async () => {
    const seen = Promise.withResolvers<CallContext>();
    await using loopback = await startLoopback(callUntilAborted(seen));
    const events = loopback.client.getContainerEvents({}, { timeoutMs: 50 });
    await expect(collect(events)).rejects.toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
    expect((await seen.promise).signal.reason).toBeInstanceOf(errors.DeadlineExceededError);
  });

  it("is told to the handler in the time of the server's clock", async () => {
    const deadlines: (number | undefined)[] = [];
    await using loopback = await startLoopback(
      { version: async (_, call) => (deadlines.push(call.deadline), version) },
      { clock: { now: () => 1_000_000_000 } },
      { timeoutMs: 500_000 },
    );
    await loopback.client.version({});
    expect(deadlines[0]).toBeGreaterThan(1_000_000_000);
    expect(deadlines[0]).toBeLessThanOrEqual(1_000_500_001);
  });
});

describe("a cancellation", () => {
  it("reaches the handler's signal with its reason", async () => {
    const started = Promise.withResolvers<CallContext>();
    await using loopback = await startLoopback({
      version: async (_, call) => {
        started.resolve(call);
        await once(call.signal, "abort");
        throw call.signal.reason;
      },
    });
    const abort = new AbortController();
    const answer = loopback.client.version({}, { signal: abort.signal, timeoutMs: 500_000 });
    const { signal } = await started.promise;
    const aborted = once(signal, "abort");
    abort.abort();
    await expect(answer).rejects.toMatchObject({ codeName: "CANCELLED" });
    await aborted;
    expect(signal.reason).toBeInstanceOf(errors.CancelledError);
  });

  it("comes from a connection that breaks, too", async () => {
    const started = Promise.withResolvers<CallContext>();
    await using loopback = await startLoopback({
      version: async (_, call) => {
        started.resolve(call);
        await once(call.signal, "abort");
        throw call.signal.reason;
      },
    });
    const other = createCriClient(loopback.target);
    const answer = other.version({}).catch((error: unknown) => error);
    const { signal } = await started.promise;
    other.close();
    loopback.server.destroy();
    await expect(answer).resolves.toMatchObject({ codeName: expect.stringMatching(/UNAVAILABLE|CANCELLED/) });
    expect(signal.aborted).toBe(true);
  });

  it("is not what a handler sees after its answer", async () => {
    const calls: CallContext[] = [];
    await using loopback = await startLoopback({ version: async (_, call) => (calls.push(call), version) });
    await loopback.client.version({});
    await loopback.client.version({});
    expect(calls[0]?.signal.aborted).toBe(false);
  });

  it("rejects at once if the signal had aborted before the call", async () => {
    const handler = vi.fn<UnaryHandler<unknown, VersionResponse>>(async () => version);
    await using loopback = await startLoopback({ version: handler });
    await expect(loopback.client.version({}, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    expect(handler).not.toHaveBeenCalled();
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
        yield ContainerEvent.fromPartial({});
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

describe("the log", () => {
  it("has a line per call with method, code and duration", async () => {
    let now = 1000;
    await using loopback = await startLoopback(
      {
        version: async () => {
          now += 25;
          return version;
        },
        status: () => Promise.reject(new errors.UnavailableError("starting")),
      },
      { clock: { now: () => now } },
    );
    await loopback.client.version({});
    await loopback.client.status({}).catch(() => undefined);
    expect(loopback.logged).toEqual([
      { level: "debug", message: "rpc", fields: { method: "Version", code: "OK", ms: 25 } },
      {
        level: "info",
        message: "rpc",
        fields: { method: "Status", code: "UNAVAILABLE", ms: 0, err: expect.any(errors.UnavailableError) },
      },
    ]);
  });

  it("never has a request's content", async () => {
    await using loopback = await startLoopback({
      pullImage: ({ image }) => Promise.reject(new Error(`cannot pull ${image?.image}`)),
    });
    const auth = {
      username: "u",
      password: "s3cret",
      auth: "s3cret",
      identityToken: "s3cret",
      registryToken: "s3cret",
    };
    await loopback.client.pullImage({ image: { image: "busybox" }, auth }).catch(() => undefined);
    expect(loopback.logged).toHaveLength(1);
    expect(JSON.stringify(loopback.logged)).not.toContain("s3cret");
  });

  it("tells of a handler that fails after its caller has left", async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using loopback = await startLoopback({
      version: async () => {
        started.resolve();
        await release.promise;
        throw new Error("too late");
      },
    });
    const abort = new AbortController();
    const answer = loopback.client.version({}, { signal: abort.signal }).catch(() => undefined);
    await started.promise;
    abort.abort();
    await answer;
    await vi.waitFor(() => expect(loopback.logged).toMatchObject([{ fields: { code: "CANCELLED" } }]));
    release.resolve();
    await loopback.server.close();
    expect(loopback.logged[1]).toMatchObject({ fields: { method: "Version", err: { message: "too late" } } });
  });
});

/** Resolves when a number has stopped changing. */
async function settled(read: () => number): Promise<void> {
  let last = -1;
  await vi.waitFor(
    () => {
      const now = read();
      const unchanged = now === last;
      last = now;
      if (!unchanged) throw new Error("still changing");
    },
    { interval: 100 },
  );
}

const callUntilAborted = (seen: PromiseWithResolvers<CallContext>): CriHandlers => ({
  version: async (_, call) => {
    await once(call.signal, "abort");
    seen.resolve(call);
    throw call.signal.reason;
  },
  getContainerEvents: async function* (_, call) {
    await once(call.signal, "abort");
    seen.resolve(call);
    yield* [];
  },
});

async function* one<T>(message: T) {
  yield message;
}
