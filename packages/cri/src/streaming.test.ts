import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import * as errors from "./errors.ts";
import {
  ContainerEventResponse,
  ContainerEventType,
  StreamContainersResponse,
  StreamImagesResponse,
  StreamPodSandboxesResponse,
  StreamContainerStatsResponse,
  StreamPodSandboxMetricsResponse,
  StreamPodSandboxStatsResponse,
} from "./gen/api.ts";
import type { CriHandlers } from "./handlers.ts";
import { collect, startLoopback } from "./loopback.fixture.ts";
import { methods } from "./methods.ts";

describe("a streaming call", () => {
  const event = ContainerEventResponse.fromPartial({ containerId: "c", createdAt: 2n ** 60n });

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
    const total = 400;
    let pulled = 0;
    const large = ContainerEventResponse.fromPartial({ containerId: "x".repeat(256 * 1024) });
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
    { interval: 100, timeout: 20_000 },
  );
}

async function* one<T>(message: T) {
  yield message;
}
