import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sleepingApp, startFixture } from "../../testing/fixture.ts";

const notDirectory = (verb: string) => [500, `sftp: "${verb} /tmp/d/x: not a directory" (SSH_FX_FAILURE)`];
const at = (path: string) => `/1.0/instances/c1/files?path=${path}`;

describe("files of an instance", () => {
  it("are written, read, listed and deleted while it is stopped", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    await fixture.create("c1");
    await api.raw("POST", at("/root/d"), "", { "x-lxd-type": "directory", "x-lxd-mode": "0700" });
    const headers = { "x-lxd-uid": "5", "x-lxd-gid": "6", "x-lxd-mode": "0640" };
    await api.raw("POST", at("/root/d/f"), "one", headers);
    await api.raw("POST", at("/root/d/f"), "two", { "x-lxd-write": "append" });
    const answer = await api.raw("GET", at("/root/d/f"));
    expect(answer.text).toBe("onetwo");
    expect(answer.headers).toMatchObject({
      "x-lxd-uid": "5",
      "x-lxd-gid": "6",
      "x-lxd-mode": "0640",
      "x-lxd-type": "file",
    });
    await api.raw("POST", at("/root/d/l"), "/etc/passwd", { "x-lxd-type": "symlink" });
    const link = await api.raw("GET", at("/root/d/l"));
    expect([link.text, link.headers["x-lxd-type"]]).toEqual(["/etc/passwd", "symlink"]);
    expect(await api.get(at("/root/d"))).toEqual(["f", "l"]);
    expect((await api.call("DELETE", at("/root/d"))).error).toBe(
      'sftp: "remove /root/d: directory not empty" (SSH_FX_FAILURE)',
    );
    await api.call("DELETE", at("/root/d/f"));
    expect(await api.refusal("GET", at("/root/d/f"))).toEqual([404, "Not Found"]);
  });

  it("are none below a file, in the words of LXD", async () => {
    await using fixture = await startFixture();
    const { api } = fixture;
    await fixture.create("c1");
    await api.raw("POST", at("/tmp/d"), "content");
    const below = at("/tmp/d/x");
    const answer = async (method: string, headers: Record<string, string> = {}) => {
      const { status, text } = await api.raw(method, below, method === "POST" ? "content" : undefined, headers);
      return [status, (JSON.parse(text) as { error: string }).error];
    };
    expect(await answer("POST")).toEqual(notDirectory("open"));
    expect(await answer("POST", { "x-lxd-write": "append" })).toEqual(notDirectory("open"));
    expect(await answer("POST", { "x-lxd-type": "directory" })).toEqual(notDirectory("mkdir"));
    expect(await answer("POST", { "x-lxd-type": "symlink" })).toEqual([404, "Not Found"]);
    expect(await answer("GET")).toEqual(notDirectory("lstat"));
    expect(await answer("DELETE")).toEqual(notDirectory("remove"));
  });

  it("are those that its processes see while it runs", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", [...sleepingApp, "lxc.mount.entry = tmpfs mnt tmpfs size=1024k 0 0"]);
    await fixture.start("c1");
    await fixture.api.raw("POST", at("/mnt/f"), "x");
    expect((await fixture.exec("c1", ["cat", "/mnt/f"])).stdout).toBe("x");
    await fixture.api.must("PUT", "/1.0/instances/c1/state", { action: "stop", force: true });
    expect(await fixture.api.refusal("GET", at("/mnt/f"))).toEqual([404, "Not Found"]);
  });
});

describe("mounts from the host", () => {
  it("by device and by raw.lxc are the host's files, in both directions", async () => {
    const host = await mkdtemp(join(tmpdir(), "fake-lxd-test-"));
    try {
      await writeFile(join(host, "in"), "from the host");
      await using fixture = await startFixture();
      const entry = `lxc.mount.entry = ${host} mnt none bind,create=dir 0 0`;
      await fixture.create("c1", [...sleepingApp, entry], {
        config: { "security.privileged": "true" },
        devices: { d: { type: "disk", source: join(host, "in"), path: "/etc/in", readonly: "true" } },
      });
      await fixture.start("c1");
      expect((await fixture.exec("c1", ["cat", "/mnt/in", "/etc/in"])).stdout).toBe("from the hostfrom the host");
      await fixture.exec("c1", ["sh", "-c", "echo back > /mnt/out"]);
      expect(await readFile(join(host, "out"), "utf8")).toBe("back\n");
      expect((await fixture.exec("c1", ["sh", "-c", "echo no > /etc/in"])).code).not.toBe(0);
    } finally {
      await rm(host, { recursive: true });
    }
  });

  it("are plugged and unplugged while it runs", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", sleepingApp);
    await fixture.start("c1");
    const plug = (device: object) => fixture.api.call("PATCH", "/1.0/instances/c1", { devices: { d: device } });
    expect((await plug({ type: "disk", source: "/etc", path: "/mnt" })).error).toBe("");
    expect((await fixture.exec("c1", ["cat", "/mnt/hostname"])).code).toBe(0);
    expect((await plug({ type: "none" })).error).toBe("");
    expect((await fixture.exec("c1", ["cat", "/mnt/hostname"])).code).not.toBe(0);
  });
});
