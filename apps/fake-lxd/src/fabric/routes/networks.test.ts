import { type AddressInfo, connect, createServer } from "node:net";
import type { Instance, InstanceState, NetworkLease } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { type Fixture, sleepingApp, startFixture } from "../../testing/fixture.ts";

const nic = (more: Record<string, string> = {}) => ({ devices: { eth0: { type: "nic", network: "br", ...more } } });

async function withBridge(): Promise<Fixture> {
  const fixture = await startFixture();
  const config = { "ipv4.address": "10.99.0.1/24", "ipv6.address": "none" };
  await fixture.api.call("POST", "/1.0/networks", { name: "br", config });
  return fixture;
}

const leasesOf = async ({ api }: Fixture) =>
  (await api.get<NetworkLease[]>("/1.0/networks/br/leases")).map(({ hostname, address, type }) => [
    hostname,
    address,
    type,
  ]);

describe("addresses", () => {
  it("of a nic with a static one are leased at once and kept by DHCP", async () => {
    await using fixture = await withBridge();
    await fixture.create("c1", [], nic({ "ipv4.address": "10.99.0.50" }));
    expect(await leasesOf(fixture)).toEqual([
      ["br.gw", "10.99.0.1", "gateway"],
      ["c1", "10.99.0.50", "static"],
    ]);
    await fixture.start("c1");
    const { network } = await fixture.api.get<InstanceState>("/1.0/instances/c1/state");
    expect(network?.["eth0"]?.addresses.map(({ address }) => address)).toContain("10.99.0.50");
  });

  it("are given out by DHCP to systems and stay theirs until the instance is deleted", async () => {
    await using fixture = await withBridge();
    for (const name of ["c1", "c2"]) {
      await fixture.create(name, [], nic());
      await fixture.start(name);
    }
    const dynamic = [
      ["c1", "10.99.0.2", "dynamic"],
      ["c2", "10.99.0.3", "dynamic"],
    ];
    expect((await leasesOf(fixture)).slice(1)).toEqual(dynamic);
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "restart", force: true });
    expect((await leasesOf(fixture)).slice(1)).toEqual(dynamic);
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
    await fixture.api.must("DELETE", "/1.0/instances/c1");
    expect((await leasesOf(fixture)).slice(1)).toEqual(dynamic.slice(1));
  });

  it("come from raw.lxc for an app, which runs no DHCP client, and are no leases", async () => {
    await using fixture = await withBridge();
    await fixture.create("c1", [...sleepingApp, "lxc.net.0.ipv4.address = 10.99.0.77/24"], nic());
    await fixture.create("c2", sleepingApp, nic());
    await fixture.start("c1");
    await fixture.start("c2");
    const addresses = async (name: string) => {
      const { network } = await fixture.api.get<InstanceState>(`/1.0/instances/${name}/state`);
      return network?.["eth0"]?.addresses.filter(({ family }) => family === "inet").map(({ address }) => address);
    };
    expect([await addresses("c1"), await addresses("c2")]).toEqual([["10.99.0.77"], []]);
    expect(await leasesOf(fixture)).toHaveLength(1);
  });

  it("that two nics share are refused at start, and at once when one is changed to it", async () => {
    await using fixture = await withBridge();
    await fixture.create("c1", sleepingApp, nic({ "ipv4.address": "10.99.0.50" }));
    await fixture.create("c2", sleepingApp, nic({ "ipv4.address": "10.99.0.50" }));
    const { err } = await fixture.api.operate("PUT", "/1.0/instances/c1/state", { action: "start" });
    expect(err).toBe(
      'Failed start validation for device "eth0": IP address "10.99.0.50" already defined on another NIC',
    );
    await fixture.create("c3", sleepingApp, nic());
    expect(await fixture.api.refusal("PATCH", "/1.0/instances/c3", nic({ "ipv4.address": "10.99.0.50" }))).toEqual([
      409,
      'Failed update validation for device "eth0": IP address "10.99.0.50" already defined on another NIC',
    ]);
  });
});

describe("networks", () => {
  it("in use cannot be deleted", async () => {
    await using fixture = await withBridge();
    await fixture.create("c1", [], nic());
    expect(await fixture.api.refusal("DELETE", "/1.0/networks/br")).toEqual([400, "The network is currently in use"]);
    await fixture.api.must("DELETE", "/1.0/instances/c1");
    expect((await fixture.api.call("DELETE", "/1.0/networks/br")).status_code).toBe(200);
  });

  it("name the host's side of a running nic only while it runs", async () => {
    await using fixture = await withBridge();
    await fixture.create("c1", sleepingApp, nic());
    await fixture.start("c1");
    const hostName = async () =>
      (await fixture.api.get<Instance>("/1.0/instances/c1")).config["volatile.eth0.host_name"];
    expect(await hostName()).toMatch(/^veth[0-9a-f]{8}$/);
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
    expect(await hostName()).toBeUndefined();
  });
});

/** Everything that comes until the connection is closed. */
const readAll = (port: number) =>
  new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk) => (text += String(chunk))).on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });

describe("proxy devices", () => {
  it("listen on the host while the instance runs; a connection that leads nowhere is closed", async () => {
    await using fixture = await startFixture();
    const devices = { p: { type: "proxy", listen: "tcp:127.0.0.1:0", connect: "tcp:127.0.0.1:80" } };
    const port = await freePort();
    devices.p.listen = `tcp:127.0.0.1:${port}`;
    await fixture.create("c1", sleepingApp, { devices });
    await fixture.start("c1");
    expect(await readAll(port)).toBe("");
    await fixture.create("c2", sleepingApp, { devices });
    const { err } = await fixture.api.operate("PUT", "/1.0/instances/c2/state", { action: "start" });
    expect(err).toBe(
      `Error occurred when starting proxy device: Error: Failed to listen on 127.0.0.1:${port}: listen tcp 127.0.0.1:${port}: bind: address already in use`,
    );
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
    await fixture.start("c2");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
