import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLxcLines } from "./lines.ts";
import { formatMountEntry, parseMountEntry } from "./mount-entry.ts";
import { interpretLines } from "./settings.ts";

const settings = (...lines: string[]) => interpretLines(parseLxcLines(lines.join("\n")), "c1");

describe("settings from LXC lines", () => {
  it("has LXD's defaults", () => {
    const empty = settings();
    expect(empty).toMatchObject({ initArgv: ["/sbin/init"], uid: 0, cwd: "/", hostname: "c1", console: "pty" });
    expect(empty).toMatchObject({ stopSignal: 9, haltSignal: undefined, logsExit: false, hasStopHook: false });
  });

  it("takes the last of a scalar and all of a list since it was cleared", () => {
    const result = settings(
      "lxc.uts.name = a",
      "lxc.uts.name = b",
      "lxc.cap.drop = chown",
      "lxc.cap.drop =",
      "lxc.cap.drop = kill sys_time",
      "lxc.environment = A=1",
      "lxc.environment = B=x = y",
    );
    expect(result.hostname).toBe("b");
    expect(result.capDrop).toEqual(["kill", "sys_time"]);
    expect(result.environment).toEqual({ A: "1", B: "x = y" });
  });

  it("splits the init command on blanks, quotes being literal", () => {
    expect(settings(`lxc.init.cmd = /bin/sh -c 'exit 3'`).initArgv).toEqual(["/bin/sh", "-c", "'exit", "3'"]);
  });

  it("knows namespaces to share, addresses, signals and the cgroup", () => {
    const result = settings(
      "lxc.namespace.share.net = sandbox",
      "lxc.net.0.ipv4.address = 10.0.0.2/24",
      "lxc.net.0.ipv4.gateway = 10.0.0.1",
      "lxc.signal.halt = SIGTERM",
      "lxc.cgroup.dir = a/b",
      "lxc.log.level = INFO",
      "lxc.rootfs.options = idmap=container,ro",
    );
    expect(result.share).toEqual({ net: "sandbox" });
    expect(result.networks.get(0)).toEqual({ addresses: ["10.0.0.2/24"], gateway: "10.0.0.1" });
    expect(result).toMatchObject({
      haltSignal: 15,
      cgroupPath: "a/b/lxc.payload.c1",
      logsExit: true,
      rootfsReadonly: true,
    });
  });
});

describe("mount entries", () => {
  it("are read with their escapes and options", () => {
    expect(parseMountEntry(String.raw`/host/a\040b mnt/x\134y none bind,ro,create=dir 0 0`)).toEqual({
      source: "/host/a b",
      target: String.raw`/mnt/x\y`,
      fsType: "none",
      options: ["bind", "ro", "create=dir"],
    });
    expect(parseMountEntry("weird")).toBeNull();
  });

  it("survive being written and read again, whatever is in the paths", () => {
    const path = fc.stringMatching(/^\/[a-z \t\\,é]{1,12}$/).filter((text) => !text.endsWith("/"));
    fc.assert(
      fc.property(path, path, (source, target) => {
        const entry = { source, target, fsType: "none", options: ["bind"] };
        expect(parseMountEntry(formatMountEntry(entry))).toEqual(entry);
      }),
    );
  });
});
