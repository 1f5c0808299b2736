import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createWorld, guestSpec, shell, startGuest } from "../testing/harness.ts";
import type { GuestInterface } from "../types.ts";

function eth0(address: string): GuestInterface {
  return {
    name: "eth0",
    hwaddr: "00:16:3e:00:00:01",
    hostName: "veth1",
    mtu: 1500,
    network: "br0",
    addresses: [`${address}/24`],
    gateway: "10.0.0.1",
    requestLease: () => null,
  };
}

test("a guest that joins others' namespaces shares hostname, shm and sysctls, but not files", async () => {
  await using world = createWorld();
  const sandbox = await startGuest(world, { hostname: "pod", sysctls: { "kernel.shm_rmid_forced": "1" } });
  const guest = await startGuest(world, {
    hostname: "ignored",
    namespaces: { net: sandbox, ipc: sandbox, uts: sandbox, user: sandbox },
  });
  await shell(world, sandbox, "echo shared > /dev/shm/x; echo own > /tmp/x");
  expect((await shell(world, guest, "hostname; cat /dev/shm/x /proc/sys/kernel/shm_rmid_forced; ls /tmp")).stdout).toBe(
    "pod\nshared\n1\n",
  );
});

test("in a shared pid namespace pid 1 is the sandbox's, and outlives the container's init", async () => {
  await using world = createWorld();
  const sandbox = await startGuest(world);
  const guest = await startGuest(world, {
    initArgv: ["/bin/sh", "-c", "sleep 1; exit 3"],
    namespaces: { pid: sandbox, net: sandbox },
  });
  expect((await shell(world, guest, "cat /proc/1/comm")).stdout).toBe("init\n");
  expect(await world.clock.drive(guest.exited)).toEqual({ code: 3 });
  expect(sandbox.running).toBe(true);
  expect((await shell(world, sandbox, "pgrep init")).stdout).toBe("1\n");
});

test("a container's init in a shared pid namespace is no pid 1: signals without handlers end it", async () => {
  await using world = createWorld();
  const sandbox = await startGuest(world);
  const guest = await startGuest(world, { initArgv: ["/bin/sleep", "1000"], namespaces: { pid: sandbox } });
  guest.kill(15);
  expect(await guest.exited).toEqual({ signal: 15 });
});

test("the end of the sandbox is the end of all in its pid namespace", async () => {
  await using world = createWorld();
  const sandbox = await startGuest(world);
  const guest = await startGuest(world, { namespaces: { pid: sandbox } });
  sandbox.kill(9);
  expect(await guest.exited).toEqual({ signal: 9 });
});

test("a guest in the host's pid namespace sees those of others", async () => {
  await using world = createWorld();
  const other = await startGuest(world, { initArgv: ["/bin/sleep", "1234"] });
  const guest = await startGuest(world, { namespaces: { pid: "host" } });
  expect((await shell(world, guest, "pidof sleep")).stdout).toBe(`${other.pid}\n`);
});

test("listeners are reached on localhost of the pod and on its address from another pod", async () => {
  await using world = createWorld();
  const first = await startGuest(world, { interfaces: [eth0("10.0.0.2")] });
  const neighbour = await startGuest(world, { namespaces: { net: first, user: first } });
  const second = await startGuest(world, { interfaces: [eth0("10.0.0.3")] });
  await shell(world, first, "mkdir /tmp/w; echo hello > /tmp/w/index.html; httpd -p 80 -h /tmp/w");
  expect((await shell(world, neighbour, "wget -qO- http://127.0.0.1/")).stdout).toBe("hello\n");
  expect((await shell(world, second, "wget -qO- http://10.0.0.2/")).stdout).toBe("hello\n");
  expect((await shell(world, second, "wget -qO- http://127.0.0.1/")).stderr).toContain("Connection refused");
  expect((await shell(world, second, "nc -z 10.0.0.9 80 </dev/null")).stderr).toContain("No route to host");
  expect(first.networkState().find(({ name }) => name === "eth0")?.bytesSent).toBeGreaterThan(0);
});

test("the outside connects to a listener and listens inside", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  await expect(guest.connect(8080)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const echo = await guest.exec({
    argv: ["nc", "-lk", "-p", "8080", "-e", "cat"],
    env: { PATH: "/bin" },
    cwd: "/",
    uid: 0,
    gid: 0,
    stdin: null,
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  });
  await world.clock.advance(1);
  const connection = await guest.connect(8080);
  connection.end("ping");
  const chunks: Buffer[] = [];
  for await (const chunk of connection) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe("ping");
  echo.kill(9);
  using _listener = await guest.listen(9000, "127.0.0.1", (incoming) => incoming.end("from outside\n"));
  expect((await shell(world, guest, "nc 127.0.0.1 9000 </dev/null")).stdout).toBe("from outside\n");
  await expect(guest.listen(9000, "127.0.0.1", () => {})).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a DHCP client configures the interface with its lease", async () => {
  await using world = createWorld();
  const lease = { address: "10.0.0.7/24", gateway: "10.0.0.1", nameservers: ["10.0.0.1"], domain: "lxd" };
  const guest = await startGuest(world, {
    interfaces: [{ ...eth0("10.0.0.7"), addresses: [], requestLease: () => lease }],
  });
  const { stdout } = await shell(world, guest, "udhcpc -i eth0 2>/dev/null; ip route; cat /etc/resolv.conf");
  expect(stdout).toContain("default via 10.0.0.1 dev eth0");
  expect(stdout).toContain("search lxd\nnameserver 10.0.0.1\n");
  expect(guest.networkState().flatMap(({ addresses }) => addresses.map(({ address }) => address))).toContain(
    "10.0.0.7",
  );
});

test("changing the network needs NET_ADMIN", async () => {
  await using world = createWorld();
  const { security } = guestSpec(world);
  const guest = await startGuest(world, { security: { ...security, capKeep: ["net_raw"] } });
  expect((await shell(world, guest, "brctl addbr foobar")).code).not.toBe(0);
  const admin = await startGuest(world);
  expect((await shell(world, admin, "brctl addbr foobar")).code).toBe(0);
});

test("ping without NET_RAW says why", async () => {
  await using world = createWorld();
  const { security } = guestSpec(world);
  const guest = await startGuest(world, { security: { ...security, capDrop: ["net_raw"] } });
  expect(await shell(world, guest, "ping 127.0.0.1")).toEqual({
    stdout: "PING 127.0.0.1 (127.0.0.1): 56 data bytes\n",
    stderr: "ping: permission denied (are you root?)\n",
    code: 1,
  });
});
