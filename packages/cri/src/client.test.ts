import { describe, expect, it } from "vitest";
import { createCriClient } from "./client.ts";
import { VersionResponse } from "./gen/api.ts";
import { collect, startLoopback } from "./loopback.fixture.ts";
import { RpcError } from "./rpc-error.ts";
import { createCriServer } from "./server.ts";

const version = VersionResponse.fromPartial({ version: "0.1.0" });
const handlers = { version: async () => version };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe("a client without a server", () => {
  it("fails calls and streams with Unavailable", async () => {
    await using client = createCriClient("unix:///nonexistent/cri.sock");
    await expect(client.version({})).rejects.toBeInstanceOf(RpcError);
    await expect(client.version({})).rejects.toMatchObject({ grpcCode: 14, codeName: "UNAVAILABLE" });
    await expect(collect(client.getContainerEvents({}))).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
  });

  it("is not ready", async () => {
    await using client = createCriClient("unix:///nonexistent/cri.sock");
    await expect(client.waitForReady(50)).rejects.toThrow("deadline");
  });
});

describe("a client", () => {
  it("finds a server that was restarted", async () => {
    await using loopback = await startLoopback(handlers);
    await loopback.client.version({});
    await loopback.server.close();
    await expect(loopback.client.version({})).rejects.toMatchObject({ codeName: "UNAVAILABLE" });
    await using restarted = createCriServer({ handlers, log: quiet });
    await restarted.listen(loopback.socketPath);
    await loopback.client.waitForReady(20_000);
    await expect(loopback.client.version({})).resolves.toEqual(version);
    loopback.client.close();
  });

  it("takes partial requests, and fills in what is missing", async () => {
    const requests: unknown[] = [];
    await using loopback = await startLoopback({
      listContainers: async (request) => {
        requests.push(request);
        return { containers: [] };
      },
    });
    await loopback.client.listContainers({ filter: { podSandboxId: "s" } });
    expect(requests).toEqual([{ filter: { id: "", podSandboxId: "s", labelSelector: {}, state: undefined } }]);
  });

  it("cancels a stream by its signal", async () => {
    const abort = new AbortController();
    const reason = Promise.withResolvers<unknown>();
    await using loopback = await startLoopback({
      getContainerEvents: async function* (_, call) {
        call.signal.addEventListener("abort", () => reason.resolve(call.signal.reason));
        abort.abort();
        await reason.promise;
        yield* [];
      },
    });
    const events = loopback.client.getContainerEvents({}, { signal: abort.signal });
    await expect(collect(events)).rejects.toMatchObject({ codeName: "CANCELLED" });
    await expect(reason.promise).resolves.toMatchObject({ code: "CANCELLED" });
  });
});
