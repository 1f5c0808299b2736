import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sandboxRecord } from "./model/testing/records.ts";
import type { HostFiles } from "./platform/host-files.ts";
import { createSystemHostFiles } from "./platform/system-host-files.ts";
import { temporaryDirectory } from "./platform/testing/temporary-directory.ts";
import { asClient, unavailable } from "./reconcile/testing/small-lxd.ts";
import { RootFileSystems } from "./rootfs.ts";
import { StatePaths } from "./store/paths.ts";

const SHIFTED = "lxc.rootfs.path = dir:/pool/containers/web-55555555/rootfs\nlxc.uts.name = x\n";
const IDMAPPED = `${SHIFTED}lxc.rootfs.options = idmap=container\n`;

/** As Incus does: it gives no lxc.conf. */
interface Incus {
  readonly idmap: string;
  readonly monitor: string;
}

async function fixture(config: string, failures = 0, incus?: Incus) {
  let left = failures;
  const directory = await temporaryDirectory();
  const asked: string[] = [];
  const lxd = asClient({
    server: { get: async () => ({ environment: { server: incus ? "incus" : "lxd" } }) },
    instances: {
      get: async () => ({ value: { config: { "volatile.last_state.idmap": incus?.idmap } } }),
      logs: {
        get: async (_: string, file: string) => {
          asked.push(file);
          if (left-- > 0) throw unavailable();
          return Buffer.from(config);
        },
      },
      state: async () => {
        asked.push("state");
        return { pid: 77 };
      },
    },
  });
  const proc: Readonly<Record<string, string>> = {
    "/proc/77/status": "Name:\tpause\nPPid:\t76\n",
    "/proc/76/cmdline": `${incus?.monitor}\0\0`,
  };
  const system = createSystemHostFiles();
  const files: HostFiles = Object.assign(Object.create(system) as HostFiles, {
    readFile: async (path: string) => (path in proc ? Buffer.from(proc[path] ?? "") : system.readFile(path)),
  });
  const roots = new RootFileSystems({ lxd, files, paths: new StatePaths(directory.path) });
  return { roots, asked, path: directory.path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

describe("a root file system", () => {
  it("is left to LXD in the host's user namespace", async () => {
    await using all = await fixture(IDMAPPED);
    expect(await all.roots.linesFor(sandboxRecord({ userns: { kind: "host" } }), "web-55555555-app")).toEqual([]);
    expect(all.asked).toEqual([]);
  });

  it("is left to LXD where that shifts it", async () => {
    await using all = await fixture(SHIFTED);
    expect(await all.roots.linesFor(sandboxRecord(), "web-55555555-app")).toEqual([]);
  });

  it("is mounted by lxe's hooks where LXC would have to idmap it", async () => {
    await using all = await fixture(IDMAPPED);
    const target = join(all.path, "rootfs", "web-55555555-app");
    const hook = (name: string): string => join(all.path, "hooks", name);
    expect(await all.roots.linesFor(sandboxRecord(), "web-55555555-app")).toEqual([
      [
        "lxc.hook.pre-start",
        `${hook("mount-rootfs")} /proc/77/ns/user /pool/containers/web-55555555-app/rootfs ${target}`,
      ],
      ["lxc.hook.post-stop", `${hook("unmount-rootfs")} ${target}`],
      ["lxc.rootfs.options", ""],
      ["lxc.rootfs.path", `dir:${target}`],
    ]);
    for (const name of ["mount-rootfs", "unmount-rootfs"]) expect((await stat(hook(name))).mode & 0o777).toBe(0o755);
  });

  it("of an Incus that idmaps is where the pause instance's monitor says", async () => {
    await using all = await fixture("", 0, {
      idmap: "[]",
      monitor: "[lxc monitor] /var/lib/incus/containers web-55555555",
    });
    const [hook] = await all.roots.linesFor(sandboxRecord({ instance: "web-55555555" }), "web-55555555-app");
    expect(hook?.[1]).toContain(" /var/lib/incus/containers/web-55555555-app/rootfs ");
    await using shifted = await fixture("", 0, { idmap: '[{"Isuid":true}]', monitor: "" });
    expect(await shifted.roots.linesFor(sandboxRecord(), "web-55555555-app")).toEqual([]);
    await using lost = await fixture("", 0, { idmap: "[]", monitor: "systemd" });
    await expect(lost.roots.linesFor(sandboxRecord(), "a")).rejects.toThrow("no LXC monitor");
  });

  it("is asked about once for a sandbox, until that is forgotten", async () => {
    await using all = await fixture(IDMAPPED);
    const sandbox = sandboxRecord();
    await Promise.all([all.roots.linesFor(sandbox, "a"), all.roots.linesFor(sandbox, "b")]);
    expect(all.asked).toEqual(["lxc.conf", "state"]);
    all.roots.forget(sandbox.id);
    await all.roots.linesFor(sandbox, "c");
    expect(all.asked).toHaveLength(4);
  });

  it("is asked about again after a failure", async () => {
    await using all = await fixture(SHIFTED, 1);
    await expect(all.roots.linesFor(sandboxRecord(), "a")).rejects.toThrow("gone");
    expect(await all.roots.linesFor(sandboxRecord(), "a")).toEqual([]);
  });

  it("that LXC's configuration does not name is an error", async () => {
    await using all = await fixture("lxc.rootfs.options = idmap=container\n");
    await expect(all.roots.linesFor(sandboxRecord(), "a")).rejects.toThrow("no root file system");
  });
});
