import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { createWorld, guestSpec, shell, startGuest } from "../testing/harness.ts";
import type { GuestMount } from "../types.ts";

function temporary(): Disposable & { path: string } {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "guest-"));
  return { path: made, [Symbol.dispose]: () => fs.rmSync(made, { recursive: true, force: true }) };
}

function bind(source: string, target: string, overrides: Partial<GuestMount> = {}): GuestMount {
  return {
    type: "bind",
    source,
    target,
    readonly: false,
    recursive: true,
    create: "dir",
    optional: false,
    idmapped: true,
    options: ["bind"],
    ...overrides,
  };
}

test("a bind mount is the host's directory: appends, truncation and new files show on both sides", async () => {
  using host = temporary();
  await using world = createWorld();
  fs.writeFileSync(`${host.path}/in`, "from host\n");
  const guest = await startGuest(world, { mounts: [bind(host.path, "/data")] });
  const { stdout } = await shell(
    world,
    guest,
    "cat /data/in; echo one >> /data/log; echo two >> /data/log; mkdir /data/d; stat -c %u /data/in",
  );
  expect(stdout).toBe("from host\n0\n");
  expect(fs.readFileSync(`${host.path}/log`, "utf8")).toBe("one\ntwo\n");
  fs.truncateSync(`${host.path}/log`, 0);
  await shell(world, guest, "echo three >> /data/log");
  expect(fs.readFileSync(`${host.path}/log`, "utf8")).toBe("three\n");
});

test("an append-only stdout goes on at the end after the host has truncated it", async () => {
  using host = temporary();
  await using world = createWorld();
  fs.writeFileSync(`${host.path}/stdout`, "");
  const guest = await startGuest(world, { mounts: [bind(host.path, "/.lxe")] });
  const done = shell(world, guest, "exec >> /.lxe/stdout; echo first; sleep 1; echo second");
  await done;
  expect(fs.readFileSync(`${host.path}/stdout`, "utf8")).toBe("first\nsecond\n");
});

test("a ConfigMap's symlink swap shows the new content", async () => {
  using host = temporary();
  await using world = createWorld();
  const publish = (version: string) => {
    fs.mkdirSync(`${host.path}/..${version}`);
    fs.writeFileSync(`${host.path}/..${version}/key`, version);
    fs.symlinkSync(`..${version}`, `${host.path}/..data_tmp`);
    fs.renameSync(`${host.path}/..data_tmp`, `${host.path}/..data`);
  };
  publish("v1");
  fs.symlinkSync("..data/key", `${host.path}/key`);
  const guest = await startGuest(world, { mounts: [bind(host.path, "/etc/config", { readonly: true })] });
  expect((await shell(world, guest, "cat /etc/config/key")).stdout).toBe("v1");
  publish("v2");
  expect((await shell(world, guest, "cat /etc/config/key")).stdout).toBe("v2");
  expect((await shell(world, guest, "touch /etc/config/x")).stderr).toBe(
    "touch: /etc/config/x: Read-only file system\n",
  );
});

test("host symlinks lead through the guest's tree, not the host's", async () => {
  using host = temporary();
  await using world = createWorld();
  fs.symlinkSync("/etc/hostname", `${host.path}/link`);
  const guest = await startGuest(world, { mounts: [bind(host.path, "/data")] });
  expect((await shell(world, guest, "cat /data/link")).stdout).toBe("localhost\n");
});

test("a single file is mounted, and a missing optional source left out", async () => {
  using host = temporary();
  await using world = createWorld();
  fs.writeFileSync(`${host.path}/resolv.conf`, "nameserver 10.10.10.10\n");
  const mounts = [
    bind(`${host.path}/resolv.conf`, "/etc/resolv.conf", { create: "file" }),
    bind(`${host.path}/nosuch`, "/opt/x", { optional: true }),
  ];
  const guest = await startGuest(world, { mounts });
  expect((await shell(world, guest, "cat /etc/resolv.conf; ls /opt")).stdout).toBe("nameserver 10.10.10.10\n");
  await expect(startGuest(world, { mounts: [bind(`${host.path}/nosuch`, "/opt/x")] })).rejects.toMatchObject({
    name: "GuestStartError",
  });
});

test("without idmapping the files of a bind mount belong to nobody and stay shut", async () => {
  using host = temporary();
  await using world = createWorld();
  fs.writeFileSync(`${host.path}/secret`, "s", { mode: 0o600 });
  fs.writeFileSync(`${host.path}/public`, "p", { mode: 0o644 });
  const guest = await startGuest(world, { mounts: [bind(host.path, "/data", { idmapped: false })] });
  fs.chmodSync(host.path, 0o755);
  const { stdout, stderr } = await shell(
    world,
    guest,
    "stat -c '%u %g' /data/public; cat /data/public; cat /data/secret; touch /data/new",
  );
  expect(stdout).toBe("65534 65534\np");
  expect(stderr).toBe("cat: can't open '/data/secret': Permission denied\ntouch: /data/new: Permission denied\n");
});

test("a file masked by /dev/null cannot be executed", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, { mounts: [bind("/dev/null", "/bin/ls", { create: "file" })] });
  expect(await shell(world, guest, "ls").then(({ stderr, code }) => ({ stderr, code }))).toEqual({
    stderr: "sh: ls: Permission denied\n",
    code: 126,
  });
});

test("a read-only root file system refuses writes, its mounts do not", async () => {
  await using world = createWorld();
  const tmpfs: GuestMount = {
    type: "tmpfs",
    source: "none",
    target: "/tmp",
    readonly: false,
    recursive: false,
    optional: false,
    idmapped: false,
    options: ["size=64k", "mode=1777"],
  };
  const guest = await startGuest(world, { rootfsReadonly: true, mounts: [tmpfs] });
  expect((await shell(world, guest, "touch test.go && [ -f test.go ] && echo 'Found'")).stderr).toBe(
    "touch: test.go: Read-only file system\n",
  );
  const { stdout } = await shell(
    world,
    guest,
    "echo fits > /tmp/a; cat /tmp/a; dd if=/dev/zero of=/tmp/b bs=1k count=100 2>/dev/null || echo full; stat -c %a /tmp",
  );
  expect(stdout).toBe("fits\nfull\n1777\n");
});

test("other users meet permissions, root does not", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  await shell(world, guest, "echo s > /tmp/s; chmod 600 /tmp/s; mkdir -m 700 /tmp/d");
  const user = { uid: 1000, gid: 1000 };
  expect((await shell(world, guest, "cat /tmp/s", user)).stderr).toBe("cat: can't open '/tmp/s': Permission denied\n");
  expect((await shell(world, guest, "ls /tmp/d; rm -f /tmp/s; touch /etc/x; chown 1000 /tmp/s", user)).stderr).toBe(
    "ls: can't open '/tmp/d': Permission denied\nrm: can't remove '/tmp/s': Operation not permitted\ntouch: /etc/x: Permission denied\nchown: /tmp/s: Operation not permitted\n",
  );
  expect((await shell(world, guest, "echo mine > /tmp/m; cat /tmp/m; stat -c '%u %g' /tmp/m", user)).stdout).toBe(
    "mine\n1000 1000\n",
  );
});

test("setuid programs run as their owner, unless no_new_privs holds", async () => {
  await using world = createWorld();
  const { security } = guestSpec(world);
  for (const [noNewPrivs, uid] of [
    [false, "0\n"],
    [true, "1000\n"],
  ] as const) {
    const guest = await startGuest(world, { security: { ...security, noNewPrivs } });
    await shell(world, guest, "cp /bin/busybox /tmp/id; chmod 4755 /tmp/id");
    expect((await shell(world, guest, "/tmp/id -u", { uid: 1000, gid: 1000 })).stdout).toBe(uid);
  }
});

test("a root file system keeps its files across starts and clones share nothing afterwards", async () => {
  await using world = createWorld();
  const { rootfs } = guestSpec(world);
  const clone = rootfs.clone();
  const first = await startGuest(world, { rootfs });
  await shell(world, first, "echo kept > /etc/kept; rm /etc/hosts; echo changed > /etc/hostname");
  first.kill(9);
  await first.exited;
  const again = await startGuest(world, { rootfs });
  expect(
    (await shell(world, again, "cat /etc/kept /etc/hostname; ls /etc/hosts 2>/dev/null || echo gone")).stdout,
  ).toBe("kept\nchanged\ngone\n");
  const other = await startGuest(world, { rootfs: clone });
  expect(
    (await shell(world, other, "cat /etc/hostname; ls /etc/hosts; ls /etc/kept 2>/dev/null || echo none")).stdout,
  ).toBe("localhost\n/etc/hosts\nnone\n");
});

test("a tree gives back the entries that it was built from", async () => {
  await using world = createWorld();
  const at = { uid: 1, gid: 2, mtimeMs: 1000 };
  const entries = [
    { ...at, path: "d", type: "directory" as const, mode: 0o750 },
    { ...at, path: "d/f", type: "file" as const, mode: 0o4755, data: new Uint8Array([1, 2, 3]) },
    { ...at, path: "d/h", type: "hardlink" as const, mode: 0o4755, linkTarget: "d/f" },
    { ...at, path: "d/null", type: "character-device" as const, mode: 0o666, deviceMajor: 1, deviceMinor: 3 },
    { ...at, path: "l", type: "symlink" as const, mode: 0o777, linkTarget: "d/f" },
  ];
  const tree = world.kernel.createRootfs(entries);
  expect(normal(tree.entries())).toEqual(normal(entries));
  expect(tree.sizeBytes()).toBe(3);
  expect(Buffer.from(await tree.readFile("/l"))).toEqual(Buffer.from([1, 2, 3]));
});

test("the daemon reads and writes files, mounts included", async () => {
  using host = temporary();
  await using world = createWorld();
  const guest = await startGuest(world, { mounts: [bind(host.path, "/data")] });
  await guest.files.mkdir("/srv", { mode: 0o750, uid: 5, gid: 6 });
  await guest.files.writeFile("/srv/a", Buffer.from("x"), { mode: 0o600, uid: 5, gid: 6 });
  await guest.files.writeFile("/srv/a", Buffer.from("y"), { mode: 0o777, uid: 0, gid: 0, append: true });
  await guest.files.symlink("a", "/srv/l", { uid: 5, gid: 6 });
  await guest.files.writeFile("/data/h", Buffer.from("host"), { mode: 0o644, uid: 0, gid: 0 });
  expect(await guest.files.list("/srv")).toEqual(["a", "l"]);
  expect(await guest.files.lstat("/srv/a")).toMatchObject({ type: "file", mode: 0o600, uid: 5, gid: 6, sizeBytes: 2 });
  expect(await guest.files.readLink("/srv/l")).toBe("a");
  expect(fs.readFileSync(`${host.path}/h`, "utf8")).toBe("host");
  expect(await guest.files.lstat("/nosuch/x")).toBeNull();
  await expect(guest.files.remove("/srv")).rejects.toMatchObject({ code: "ENOTEMPTY" });
  await guest.files.remove("/srv/a");
  expect((await shell(world, guest, "ls /srv")).stdout).toBe("l\n");
});

test("mounts come and go while the guest runs", async () => {
  using host = temporary();
  await using world = createWorld();
  fs.writeFileSync(`${host.path}/f`, "hot\n");
  const guest = await startGuest(world);
  await guest.mount(bind(host.path, "/mnt"));
  expect((await shell(world, guest, "cat /mnt/f; grep /mnt /proc/mounts | cut -d' ' -f2")).stdout).toBe("hot\n/mnt\n");
  await guest.unmount("/mnt");
  // the mount point goes as well
  expect((await shell(world, guest, "[ -e /mnt ] || echo gone")).stdout).toBe("gone\n");
  await expect(guest.unmount("/tmp")).rejects.toMatchObject({ code: "EINVAL" });
});

test("/dev/stdout, /dev/stderr and another process's descriptors are what they name", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  expect(await shell(world, guest, "echo out > /dev/stdout; echo err > /dev/stderr; echo x | cat /dev/stdin")).toEqual({
    stdout: "out\nx\n",
    stderr: "err\n",
    code: 0,
  });
  expect((await shell(world, guest, "echo via > /proc/$$/fd/1")).stdout).toBe("via\n");
});

function normal(list: Iterable<{ path: string }>): unknown[] {
  return [...list].map((one) => ({ ...one, data: undefined, mtimeMs: undefined }));
}
