import { LxdError } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { sandboxRecord } from "../model/testing/records.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createSeededRandom } from "../platform/random.ts";
import { asClient, notFound, settled } from "../reconcile/testing/small-lxd.ts";
import { Index } from "../store/index.ts";
import { NODE, podConfig } from "../translate/testing/inputs.ts";
import { BridgeNetwork } from "./bridge.ts";

interface Options {
  readonly address?: string;
  readonly range?: string;
  readonly leases?: string[];
  readonly missing?: boolean;
  readonly managed?: boolean;
}

async function fixture({ address = "10.0.0.1/29", range, leases = [], missing = false, managed = true }: Options = {}) {
  const index = new Index();
  const created: unknown[] = [];
  const waiting: (() => void)[] = [];
  const lxd = asClient({
    networks: {
      get: async () => {
        if (missing && created.length === 0) throw notFound();
        return { value: { managed, config: managed ? { "ipv4.address": address } : {} }, etag: "" };
      },
      create: async (body: unknown) => void created.push(body),
      leases: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return leases.map((lease) => ({ address: lease }));
      },
    },
  });
  const log = createSilentLogger();
  const bridge = new BridgeNetwork({ lxd, index, random: createSeededRandom(1), log, bridgeName: "br", range });
  await bridge.prepare();
  /** Many at once: LXD answers when all have asked. */
  const claim = async (count: number, config = podConfig()) => {
    const claims = Array.from({ length: count }, () => bridge.claim(config, NODE));
    const all = Promise.allSettled(claims);
    await settled();
    for (const answer of waiting.splice(0)) answer();
    return await all;
  };
  const addresses = (claims: Awaited<ReturnType<typeof claim>>): (string | undefined)[] =>
    claims.flatMap((result) => (result.status === "fulfilled" ? result.value.network.addresses : []));
  return { bridge, index, created, claim, addresses };
}

describe("an address of a pod", () => {
  it("is another for each of many at once, until none is left", async () => {
    const { claim, addresses } = await fixture();
    const claims = await claim(7);
    const free = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"];
    expect(addresses(claims)).toHaveLength(free.length);
    expect(new Set(addresses(claims))).toEqual(new Set(free));
    const refused = claims.filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject([
      { reason: { code: "RESOURCE_EXHAUSTED" } },
      { reason: { code: "RESOURCE_EXHAUSTED" } },
    ]);
  });

  it("is free again when its sandbox came to nothing, and not when it is in the index", async () => {
    const { claim, addresses, index } = await fixture({ range: "10.0.0.4-10.0.0.5" });
    const [first, second] = await claim(2);
    if (first?.status !== "fulfilled" || second?.status !== "fulfilled") throw new Error("both are free");
    const [kept = ""] = first.value.network.addresses;
    index.put(sandboxRecord({ addresses: [kept] }));
    first.value[Symbol.dispose]();
    second.value[Symbol.dispose]();
    expect(addresses(await claim(2))).toEqual(second.value.network.addresses);
  });

  it("is none that LXD has leased to another", async () => {
    const { claim, addresses } = await fixture({ range: "10.0.0.4-10.0.0.5", leases: ["10.0.0.4", "fd00::1"] });
    expect(addresses(await claim(1))).toEqual(["10.0.0.5"]);
  });

  it("comes with what LXC needs to set it up, and the pod's host ports", async () => {
    const { claim } = await fixture({ range: "10.0.0.4-10.0.0.4" });
    const [claimed] = await claim(1, podConfig({ portMappings: [{ hostPort: 80, containerPort: 8080 }] }));
    expect(claimed).toMatchObject({
      value: {
        network: {
          addresses: ["10.0.0.4"],
          devices: {
            eth0: { type: "nic", parent: "br", "ipv4.address": "10.0.0.4" },
            "port-tcp-80": { connect: "tcp:10.0.0.4:8080" },
          },
          raw: [
            ["lxc.net.0.ipv4.address", "10.0.0.4/29 10.0.0.7"],
            ["lxc.net.0.ipv4.gateway", "10.0.0.1"],
          ],
        },
      },
    });
  });

  it("is kept by nobody when a host port is refused", async () => {
    const { claim, addresses } = await fixture({ range: "10.0.0.4-10.0.0.4" });
    const [refused] = await claim(1, podConfig({ portMappings: [{ hostPort: 80, containerPort: 0 }] }));
    expect(refused?.status).toBe("rejected");
    expect(addresses(await claim(1))).toEqual(["10.0.0.4"]);
  });
});

describe("the bridge", () => {
  it("is made where it is missing", async () => {
    const { bridge, created } = await fixture({ missing: true });
    expect(created).toEqual([{ name: "br", type: "bridge", config: {} }]);
    expect(bridge.notReady()).toBeUndefined();
  });

  it("is not ready where the host has an interface of its name that LXD does not manage", async () => {
    const { bridge, created } = await fixture({ managed: false });
    expect(bridge.notReady()).toContain("LXD does not manage the host's interface br");
    expect(created).toEqual([]);
  });

  it("is not ready without an IPv4 subnet, and says what to do", async () => {
    const { bridge } = await fixture({ address: "none" });
    expect(bridge.notReady()).toContain("ipv4.address");
    await expect(bridge.claim(podConfig(), NODE)).rejects.toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
  });

  it("is not ready, and says why, while it cannot be read", async () => {
    const failing = asClient({
      networks: { get: async () => Promise.reject(new LxdError("unavailable", "LXD is gone")) },
    });
    const log = createSilentLogger();
    const random = createSeededRandom(1);
    const bridge = new BridgeNetwork({
      lxd: failing,
      index: new Index(),
      random,
      log,
      bridgeName: "br",
      range: undefined,
    });
    await expect(bridge.prepare()).rejects.toThrow("gone");
    expect(bridge.notReady()).toContain("gone");
  });
});
