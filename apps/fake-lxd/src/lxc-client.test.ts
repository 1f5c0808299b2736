/** The real `lxc` client, where it is installed, against the fake. */
import { execFile, type ExecFileException, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { busyboxImage } from "./busybox-image.ts";
import { startFakeLxd } from "./fake.ts";
import type { FakeLxd } from "./options.ts";
import { until } from "./testing/fixture.ts";

const client = "/usr/bin/lxc";
/** Debian's `lxc` reads its configuration below HOME and finds the daemon by LXD_SOCKET. */
const reason = existsSync(client) ? undefined : `${client} is not installed`;

describe.skipIf(reason !== undefined)(`the real lxc client${reason === undefined ? "" : ` (${reason})`}`, () => {
  let fake: FakeLxd;
  let home: string;
  const environment = () => ({ PATH: process.env["PATH"], HOME: home, LXD_SOCKET: fake.socketPath });

  interface Result {
    code: number;
    stdout: string;
    stderr: string;
  }

  function lxc(args: string[], stdin = ""): Promise<Result> {
    return new Promise((resolve) => {
      const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      const child = execFile(client, args, { env: environment() }, done);
      child.stdin?.end(stdin);
    });
  }

  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await lxc(args);
    expect([
      code,
      stderr.replaceAll(/^(To start your first|Or for a virtual|The instance you are|  To ).*\n/gm, "").trim(),
    ]).toEqual([0, ""]);
    return stdout;
  }

  beforeAll(async () => {
    fake = await startFakeLxd({ seed: 1 });
    home = await mkdtemp(join(tmpdir(), "fake-lxd-home-"));
    const file = join(home, "busybox.tar.gz");
    await writeFile(file, await busyboxImage());
    await lxc(["image", "import", file, "--alias", "busybox", "user.from=test"]);
  });

  afterAll(async () => {
    await fake.close();
    await rm(home, { recursive: true });
  });

  it("imports, lists and shows images", async () => {
    expect(await ok("image", "list", "--format=csv", "-c", "lt")).toBe("busybox,CONTAINER\n");
    expect(await ok("image", "show", "busybox")).toContain("user.from: test");
  });

  it("launches, lists, describes, stops and deletes an instance", async () => {
    await ok("launch", "busybox", "c1", "-c", "user.a=b");
    expect(await ok("list", "--format=csv", "-c", "nst")).toBe("c1,RUNNING,CONTAINER\n");
    const info = await ok("info", "c1");
    expect(info).toContain("Status: RUNNING");
    expect(info).toMatch(/PID: \d+/);
    await ok("stop", "c1", "--force");
    await ok("delete", "c1");
    expect(await ok("list", "--format=csv")).toBe("");
  });

  it("executes with stdin, separate outputs, environment and exit codes", async () => {
    await ok("launch", "busybox", "c2");
    expect(await lxc(["exec", "c2", "--", "sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect((await lxc(["exec", "c2", "--", "cat"], "from stdin\n")).stdout).toBe("from stdin\n");
    expect((await lxc(["exec", "c2", "--env", "A=b", "--", "sh", "-c", "echo $A"])).stdout).toBe("b\n");
    const missing = await lxc(["exec", "c2", "--", "nope"]);
    expect(missing.code).toBe(127);
    await ok("delete", "-f", "c2");
  });

  it("pushes and pulls files and trees", async () => {
    await ok("init", "busybox", "c3");
    const file = join(home, "file");
    await writeFile(file, "content");
    await ok("file", "push", file, "c3/root/file", "--mode", "0600", "--quiet");
    expect(await ok("file", "pull", "c3/root/file", "-", "--quiet")).toBe("content");
    await ok("file", "push", "-r", "-p", home, "c3/root/tree/", "--quiet");
    await ok("file", "pull", "-r", "c3/root/tree", home, "--quiet");
    const name = home.split("/").at(-1) ?? "";
    expect(await readFile(join(home, "tree", name, "file"), "utf8")).toBe("content");
    await ok("file", "delete", "c3/root/file");
    expect((await lxc(["file", "pull", "c3/root/file", "-"])).code).toBe(1);
    await ok("delete", "c3");
  });

  it("sets and reads configuration, profiles, networks, storage and projects", async () => {
    await ok("init", "busybox", "c4");
    await ok("config", "set", "c4", "user.foo=bar", "limits.memory=64MiB");
    expect(await ok("config", "get", "c4", "user.foo")).toBe("bar\n");
    expect((await lxc(["config", "set", "c4", "nokey=1"])).stderr).toContain("Unknown configuration key: nokey");
    await ok("config", "device", "add", "c4", "tmp", "disk", "source=/tmp", "path=/host");
    expect(await ok("config", "show", "c4")).toContain("source: /tmp");
    expect(await ok("profile", "show", "default")).toContain("/1.0/instances/c4");
    expect(await ok("network", "list", "--format=csv")).toMatch(/^lxdbr0,bridge,YES,/m);
    expect(await ok("network", "show", "lxdbr0")).toContain("managed: true");
    expect(await ok("storage", "list", "--format=csv")).toMatch(/^default,dir,/);
    expect(await ok("project", "list", "--format=csv")).toMatch(/^default \(current\)/);
    expect(await ok("info")).toContain("server_version: 5.0.2");
    await ok("snapshot", "c4", "s");
    await ok("copy", "c4/s", "c5");
    await ok("rename", "c5", "c6");
    await ok("delete", "c4", "c6");
  });

  it("monitors events", async () => {
    const monitor = spawn(client, ["monitor", "--type=lifecycle", "--format=json"], { env: environment() });
    let output = "";
    monitor.stdout.on("data", (chunk) => (output += String(chunk)));
    try {
      // There is no sign that it listens; so make events until it shows one.
      await until(async () => {
        await lxc(["profile", "create", "p"]);
        await lxc(["profile", "delete", "p"]);
        return output.includes('"action":"profile-deleted"');
      });
      expect(output).toContain('"source":"/1.0/profiles/p"');
    } finally {
      monitor.kill();
    }
  });
});
