import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import {
  collectors,
  createWorld,
  exitNumber,
  guestSpec,
  run,
  shell,
  startGuest,
  type World,
} from "../testing/harness.ts";
import type { Guest, GuestProcess } from "../types.ts";

const path = "/usr/bin:/bin:/sbin";

async function begin(
  world: World,
  guest: Guest,
  argv: string[],
): Promise<{ process: GuestProcess; stdout: () => string }> {
  const { stdout, stderr, texts } = collectors();
  const process = await guest.exec({
    argv,
    env: { PATH: path },
    cwd: "/",
    uid: 0,
    gid: 0,
    stdin: null,
    stdout,
    stderr,
  });
  await world.clock.advance(10);
  return { process, stdout: texts.stdout };
}

test("init idles, and ends with 0 when it is asked to power off", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  expect(guest.running).toBe(true);
  expect(guest.pid).toBeGreaterThan(4_194_304);
  guest.kill(37);
  expect(await world.clock.drive(guest.exited)).toEqual({ code: 0 });
  expect(guest.running).toBe(false);
});

test("an init's exit code is the guest's", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, { initArgv: ["/bin/sh", "-c", "exit 42"] });
  expect(await world.clock.drive(guest.exited)).toEqual({ code: 42 });
});

test("an init that is missing fails the start", async () => {
  await using world = createWorld();
  await expect(startGuest(world, { initArgv: ["/nosuch"] })).rejects.toMatchObject({
    name: "GuestStartError",
    message: expect.stringContaining("No such file or directory"),
  });
});

test("an init without a handler ignores what would end others, from outside too, but not 9", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, { initArgv: ["/bin/sleep", "1000"] });
  guest.kill(15);
  await shell(world, guest, "kill -TERM 1; kill -KILL 1");
  expect(guest.running).toBe(true);
  guest.kill(9);
  expect(await guest.exited).toEqual({ signal: 9 });
});

test("an init with a trap ends by it", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, {
    initArgv: ["/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 1; done"],
  });
  await world.clock.advance(100);
  guest.kill(15);
  expect(await world.clock.drive(guest.exited)).toEqual({ code: 7 });
});

test("all processes of a guest end with its init", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { process } = await begin(world, guest, ["sleep", "1000"]);
  guest.kill(9);
  expect(exitNumber(await process.exited)).toBe(137);
  expect(guest.processes()).toEqual([]);
});

test("a loop that never waits can be killed, and lets others run", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { process } = await begin(world, guest, ["sh", "-c", "while true; do :; done"]);
  const busy = await begin(world, guest, ["sh", "-c", "yes > /dev/null"]);
  expect((await shell(world, guest, "echo still here")).stdout).toBe("still here\n");
  process.kill(9);
  expect(await process.exited).toEqual({ signal: 9 });
  await shell(world, guest, "killall yes");
  busy.process.kill(9);
  await busy.process.outputClosed;
});

test("orphans become children of init, which reaps them", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  await shell(world, guest, "sleep 3 >/dev/null 2>&1 &");
  expect((await shell(world, guest, "ps -o ppid,args | grep '[s]leep'")).stdout).toBe("    1 sleep 3\n");
  await world.clock.advance(5000);
  expect((await shell(world, guest, "ps | grep -c '[s]leep'")).stdout).toBe("0\n");
});

test("kill with a negative pid reaches a whole session", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { stdout } = await shell(
    world,
    guest,
    "setsid sh -c 'sleep 100 & sleep 100 & echo $$; wait' > /tmp/pid & sleep 1; kill -9 -$(cat /tmp/pid); sleep 1; pgrep sleep; echo none",
  );
  expect(stdout.trim().split("\n").at(-1)).toBe("none");
  expect((await shell(world, guest, "pgrep sleep || echo none")).stdout).toBe("none\n");
});

test("a timed-out command is really gone", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { process } = await begin(world, guest, ["sleep", "4321"]);
  process.kill(9);
  await process.exited;
  expect(await shell(world, guest, "pgrep sleep || true")).toEqual({ stdout: "", stderr: "", code: 0 });
});

test("outputs stay open as long as a background child holds them", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { process, stdout } = await begin(world, guest, ["sh", "-c", "{ sleep 5; echo late; } & echo early"]);
  expect(await process.exited).toEqual({ code: 0 });
  expect(stdout()).toBe("early\n");
  let closed = false;
  const mark = async () => {
    await process.outputClosed;
    closed = true;
  };
  void mark();
  await world.clock.advance(1000);
  expect(closed).toBe(false);
  await world.clock.drive(process.outputClosed);
  expect(stdout()).toBe("early\nlate\n");
});

test("a command that does not exist is refused with ENOENT, one that cannot run with EACCES", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  await expect(run(world, guest, ["nosuch"])).rejects.toMatchObject({ name: "GuestExecError", code: "ENOENT" });
  await expect(run(world, guest, ["/etc/passwd"])).rejects.toMatchObject({ code: "EACCES" });
  await expect(run(world, guest, ["/etc"])).rejects.toMatchObject({ code: "EACCES" });
});

test("a missing working directory becomes the root", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  expect((await run(world, guest, ["pwd"], { cwd: "/nosuch" })).stdout).toBe("/\n");
});

test("stdin streams, and its end is the end of the file", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const stdin = new PassThrough();
  const { stdout, stderr, texts } = collectors();
  const process = await guest.exec({
    argv: ["/bin/sh"],
    env: { PATH: path },
    cwd: "/",
    uid: 0,
    gid: 0,
    stdin,
    stdout,
    stderr,
  });
  stdin.write("echo -n hello\n");
  await world.clock.advance(10);
  expect(texts.stdout()).toBe("hello");
  stdin.end();
  expect(await process.exited).toEqual({ code: 0 });
});

test("a writer waits while nobody takes its output", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const stdout = new PassThrough({ highWaterMark: 1024 });
  const process = await guest.exec({
    argv: ["yes"],
    env: { PATH: path },
    cwd: "/",
    uid: 0,
    gid: 0,
    stdin: null,
    stdout,
    stderr: new PassThrough(),
  });
  await world.clock.advance(100);
  const held = stdout.readableLength;
  await world.clock.advance(100);
  expect(stdout.readableLength).toBe(held);
  stdout.destroy();
  expect(exitNumber(await world.clock.drive(process.exited))).toBe(141);
});

test("a frozen guest does nothing until it is thawed", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { process, stdout } = await begin(world, guest, ["sh", "-c", "sleep 1; echo awake"]);
  guest.freeze();
  await world.clock.advance(5000);
  expect(stdout()).toBe("");
  guest.unfreeze();
  await world.clock.drive(process.exited);
  expect(stdout()).toBe("awake\n");
});

test("STOP holds a process and CONT lets it go on", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const { process, stdout } = await begin(world, guest, ["sh", "-c", "sleep 1; echo on"]);
  process.kill(19);
  await world.clock.advance(5000);
  expect(stdout()).toBe("");
  process.kill(18);
  await world.clock.drive(process.exited);
  expect(stdout()).toBe("on\n");
});

test("the pids limit refuses forks", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, { limits: { pids: 4 } });
  const { stderr } = await shell(world, guest, "sleep 9 & sleep 9 & sleep 9 & sleep 9 & wait");
  expect(stderr).toContain("Resource temporarily unavailable");
});

test("a process that takes more memory than the limit is killed", async () => {
  await using world = createWorld();
  const guest = await startGuest(world, {
    initArgv: ["/bin/sh", "-c", "dd if=/dev/zero of=/dev/null bs=20M"],
    limits: { memoryBytes: 15 * 2 ** 20 },
  });
  expect(await world.clock.drive(guest.exited)).toEqual({ signal: 9 });
});

test("ids, groups, capabilities and no_new_privs show in /proc/self/status", async () => {
  await using world = createWorld();
  const spec = guestSpec(world);
  const guest = await startGuest(world, {
    security: { ...spec.security, capKeep: ["net_raw"], noNewPrivs: true, seccomp: () => undefined },
  });
  const { stdout } = await shell(world, guest, "grep -E '^(Cap(Eff|Bnd)|NoNewPrivs|Seccomp):' /proc/self/status");
  expect(stdout).toBe("CapEff:\t0000000000002000\nCapBnd:\t0000000000002000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
  expect(
    (
      await shell(world, guest, "grep CapEff /proc/self/status; id -u; echo $(id -u):$(id -g)", {
        uid: 1001,
        gid: 1002,
      })
    ).stdout,
  ).toBe("CapEff:\t0000000000000000\n1001\n1001:1002\n");
});

test("a guest of five hundred at rest costs little memory", async () => {
  await using world = createWorld();
  const image = guestSpec(world).rootfs;
  const collect = (globalThis as { gc?: () => void }).gc;
  const before = process.memoryUsage().heapUsed;
  const guests: Guest[] = [];
  for (let index = 0; index < 500; index++)
    guests.push(
      await startGuest(world, {
        name: `g${index}`,
        rootfs: image.clone(),
        initArgv: ["/bin/sh", "-c", "sleep 100000; echo"],
      }),
    );
  await world.clock.advance(10);
  collect?.();
  // Without a collection the figure includes garbage, and is still below the bound.
  const perGuest = (process.memoryUsage().heapUsed - before) / guests.length;
  expect(perGuest).toBeLessThan(200 * 1024);
});

test("who may mount can bind one directory over another, and nobody else", async () => {
  await using world = createWorld();
  const guest = await startGuest(world);
  const script = "mkdir /tmp/at && mount --bind /etc /tmp/at && cat /tmp/at/passwd >/dev/null && echo bound";
  expect((await shell(world, guest, script)).stdout).toBe("bound\n");
  const spec = guestSpec(world);
  const bare = await startGuest(world, { security: { ...spec.security, capDrop: ["sys_admin"] } });
  const { stdout, stderr } = await shell(world, bare, "mkdir /tmp/at; mount --bind /etc /tmp/at || ls -A /tmp/at");
  expect({ stdout, stderr }).toEqual({
    stdout: "",
    stderr: "mount: mounting /etc on /tmp/at failed: Operation not permitted\n",
  });
});
