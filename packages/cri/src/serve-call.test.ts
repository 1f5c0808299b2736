import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { createCriClient } from "./client.ts";
import * as errors from "./errors.ts";
import { ContainerStatusResponse, StopContainerResponse, VersionResponse } from "./gen/api.ts";
import type { CallContext, CriHandlers, UnaryHandler } from "./handlers.ts";
import { collect, startLoopback } from "./loopback.fixture.ts";

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
    expect(calls[0]?.deadline).toBeUndefined();
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
