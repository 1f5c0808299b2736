import { NamespaceMode } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { containerRecord, sandboxRecord } from "../model/testing/records.ts";
import { checkContainerConfig, containerInstance, containerProcess, execProcess } from "./container-instance.ts";
import { type AppConfig, appConfig, containerInput, mountsOf, NODE, podConfig, rawLines } from "./testing/inputs.ts";

const { NODE: HOST, CONTAINER, TARGET, POD } = NamespaceMode;
const facts = containerRecord().facts;
const system = (config: AppConfig = {}) => {
  const input = containerInput(config);
  return { ...input, record: { ...input.record, facts: { ...facts, type: "system" as const, stopSignal: "" } } };
};
const valuesOf = (post: ReturnType<typeof containerInstance>, key: string): string[] =>
  rawLines(post).flatMap(([name, value]) => (name === key ? [value] : []));
const targetsOf = (post: ReturnType<typeof containerInstance>): string[] => mountsOf(post).map(({ target }) => target);

const OUR_CONSOLE_LOG = [
  ["lxc.console.size", ""],
  ["lxc.console.logfile", expect.stringContaining("/stdout")],
];

/** Mounts of the volumes that the image has. */
const withVolumes = (volumes: string[], config: AppConfig = {}, links: Record<string, string> = {}) => {
  const input = containerInput(config, { links });
  const post = containerInstance({ ...input, image: { ...input.image, run: { ...input.image.run, volumes } } });
  return mountsOf(post).filter(({ options }) => options.includes("relative"));
};

describe("a container's instance", () => {
  it("is never started by LXD, has no socket of LXD's, and no network device of its profiles", () => {
    const post = containerInstance(containerInput());
    expect(post.config).toMatchObject({ "boot.autostart": "false", "security.devlxd": "false" });
    expect(post.devices).toMatchObject({ eth0: { type: "none" }, root: { type: "disk", path: "/", pool: "default" } });
    expect(post.profiles).toEqual(["default"]);
  });

  it("has the init program, the pod's files and nothing else to begin with", () => {
    const post = containerInstance(containerInput());
    expect(valuesOf(post, "lxc.init.cmd")).toEqual(["/.lxe/init"]);
    expect(targetsOf(post)).toEqual([".lxe", "dev/shm", "etc/hosts", "etc/hostname", "etc/resolv.conf"]);
  });

  it.each(["/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/dev/shm", "/etc/../etc/hosts"])(
    "has one mount only at %s when the request brings one",
    (containerPath) => {
      const post = containerInstance(containerInput({ mounts: [{ hostPath: "/mine", containerPath }] }));
      const at = containerPath.replace("/etc/..", "").slice(1);
      expect(mountsOf(post).filter(({ target }) => target === at)).toMatchObject([{ source: "/mine" }]);
    },
  );

  it("has no /dev/shm of the pod's in a /dev of the request's", () => {
    const post = containerInstance(containerInput({ mounts: [{ hostPath: "/dev", containerPath: "/dev" }] }));
    expect(targetsOf(post)).not.toContain("dev/shm");
  });

  it("keeps the pod's files read-only with a read-only root file system", () => {
    const post = containerInstance(containerInput({ linux: { securityContext: { readonlyRootfs: true } } }));
    const files = mountsOf(post).filter(({ target }) => target.startsWith("etc/"));
    expect(files).toHaveLength(3);
    for (const { options } of files) expect(options).toContain("ro");
  });

  it("hides paths where an image's links lead", () => {
    const security = { maskedPaths: ["/var/run/secret"], readonlyPaths: ["/var/run/fixed"] };
    const input = containerInput({ linux: { securityContext: security } }, { links: { "/var/run": "/run" } });
    expect(targetsOf(containerInstance(input))).toEqual(expect.arrayContaining(["run/secret", "run/fixed"]));
  });

  describe("of an image with volumes", () => {
    it("has a mount of its own for each, of what is there anyway", () => {
      expect(withVolumes(["/data", "var/lib/other/"])).toMatchObject([
        { source: "data", target: "data" },
        { source: "var/lib/other", target: "var/lib/other" },
      ]);
    });

    it("has none where the request mounts something, or above it", () => {
      const mounts = [{ hostPath: "/h", containerPath: "/data/" }];
      expect(withVolumes(["/data", "/data/below", "/database"], { mounts })).toMatchObject([{ target: "database" }]);
    });

    it("has them where the image's links lead, once each", () => {
      const links = { "/store": "/srv/store" };
      expect(withVolumes(["/store", "/srv/store"], {}, links)).toMatchObject([{ target: "srv/store" }]);
      expect(withVolumes(["/store"], { mounts: [{ hostPath: "/h", containerPath: "/srv" }] }, links)).toEqual([]);
    });

    it("has none where nothing can be mounted, or where the pod's own files are", () => {
      expect(withVolumes(["/", "", "/..", "/.lxe", "/.lxe/x", "/etc/hosts", "/dev/shm"])).toEqual([]);
    });
  });

  it.each([
    { privileged: true, lines: ["lxc.cgroup.devices.allow = a", "lxc.cgroup2.devices.allow = a"] },
    { privileged: false, lines: [] },
  ])("may use all devices of the node: $privileged, as it is privileged", ({ privileged, lines }) => {
    const sandbox = sandboxRecord({ config: podConfig({ linux: { securityContext: { privileged: true } } }) });
    const { config } = containerInstance(containerInput({ linux: { securityContext: { privileged } } }, { sandbox }));
    expect(config?.["raw.lxc"]?.match(/^.*devices.*$/gm) ?? []).toEqual(lines);
  });

  it("hides nothing when it is privileged, and keeps all capabilities", () => {
    const security = { privileged: true, maskedPaths: ["/m"], readonlyPaths: ["/r"] };
    const input = containerInput(
      { linux: { securityContext: security } },
      { sandbox: sandboxRecord({ userns: { kind: "host" } }) },
    );
    const post = containerInstance(input);
    expect(targetsOf(post)).not.toEqual(expect.arrayContaining(["m"]));
    expect(targetsOf(post)).not.toEqual(expect.arrayContaining(["r"]));
    expect(valuesOf(post, "lxc.cap.drop")).toEqual([""]);
    expect(valuesOf(post, "lxc.cap.keep")).toEqual([]);
  });

  it("clears what LXD drops before it keeps capabilities in the host's user namespace", () => {
    const input = containerInput({}, { sandbox: sandboxRecord({ userns: { kind: "host" } }) });
    const record = { ...input.record, facts: { ...facts, capabilities: [0] } };
    const keys = rawLines(containerInstance({ ...input, record })).map(([key]) => key);
    expect(keys.indexOf("lxc.cap.drop")).toBeGreaterThan(-1);
    expect(keys.indexOf("lxc.cap.keep")).toBeGreaterThan(keys.indexOf("lxc.cap.drop"));
  });

  it("shares the host's /dev/shm when its pod shares the host's IPC", () => {
    const pod = podConfig({ linux: { securityContext: { namespaceOptions: { ipc: HOST } } } });
    const post = containerInstance(containerInput({}, { sandbox: sandboxRecord({ config: pod }) }));
    expect(mountsOf(post).find(({ target }) => target === "dev/shm")?.source).toBe("/dev/shm");
  });

  it("gives /run to an init before what is mounted below it", () => {
    const mounts = [{ hostPath: "/s", containerPath: "/var/run/secrets" }];
    const input = { ...system({ mounts }), links: { "/var/run": "/run" } };
    const targets = targetsOf(containerInstance(input));
    expect(targets.indexOf("run")).toBeGreaterThan(-1);
    expect(targets.indexOf("run/secrets")).toBeGreaterThan(targets.indexOf("run"));
  });

  it.each([
    { why: "of an app", input: containerInput(), console: [["lxc.console.path", "none"]] },
    {
      why: "of an app with a terminal",
      input: containerInput({ tty: true }),
      console: [["lxc.console.path", "none"]],
    },
    { why: "of an init", input: system(), console: OUR_CONSOLE_LOG },
  ])("has the console $why", ({ input, console }) => {
    expect(rawLines(containerInstance(input)).filter(([key]) => key.startsWith("lxc.console"))).toEqual(console);
  });

  it("leaves an init's stop signal to LXD", () => {
    expect(valuesOf(containerInstance(system()), "lxc.signal.halt")).toEqual([]);
    expect(valuesOf(containerInstance(containerInput()), "lxc.signal.halt")).toEqual(["SIGTERM"]);
  });

  it.each([HOST, TARGET])("is refused for an init with PID mode %i", (pid) => {
    const config = { linux: { securityContext: { namespaceOptions: { pid } } } };
    expect(() => containerInstance(system(config))).toThrow("namespace_options.pid");
  });

  it("names other instances as LXC knows them", () => {
    const config = { linux: { securityContext: { namespaceOptions: { pid: TARGET, targetId: "x" } } } };
    const post = containerInstance(containerInput(config, { target: "other", lxcName: (name) => `project_${name}` }));
    expect(valuesOf(post, "lxc.namespace.share.pid")).toEqual(["project_other"]);
    expect(valuesOf(post, "lxc.namespace.share.net")).toEqual(["project_web-55555555"]);
  });

  it("has devices at places inside its root file system", () => {
    const devices = [
      { hostPath: "/dev/x", containerPath: "/dev/../../y", permissions: "rwm" },
      { hostPath: "/dev/z", permissions: "rw" },
    ];
    expect(containerInstance(containerInput({ devices })).devices).toMatchObject({
      "device-0": { type: "unix-char", source: "/dev/x", path: "/y" },
      "device-1": { type: "unix-char", source: "/dev/z", path: "/dev/z" },
    });
  });

  it("limits processes only when asked to", () => {
    expect(containerInstance(containerInput({}, { pidsLimit: 5 })).config).toMatchObject({ "limits.processes": "5" });
    expect(containerInstance(containerInput()).config).not.toHaveProperty("limits.processes");
  });

  it("turns the guest's API off by the name that the server has for it", () => {
    const node = { ...NODE, guestApiKey: "security.guestapi" };
    expect(containerInstance(containerInput({}, { node })).config).toMatchObject({ "security.guestapi": "false" });
  });
});

describe("a container's config", () => {
  const onHost = podConfig({ linux: { securityContext: { namespaceOptions: { pid: HOST } } } });
  it.each<{ field: string; code?: string; config: AppConfig; pod?: typeof onHost }>([
    { field: "config.metadata.name", config: { metadata: { name: "" } } },
    { field: "config.image.image", config: { image: { image: "" } } },
    { field: "CDI_devices", code: "UNIMPLEMENTED", config: { CDIDevices: [{ name: "v/c=d" }] } },
    { field: "devices.permissions", config: { devices: [{ hostPath: "/dev/x", permissions: "rwx" }] } },
    {
      field: "devices.permissions",
      code: "UNIMPLEMENTED",
      config: { devices: [{ hostPath: "/dev/x", permissions: "r" }] },
    },
    { field: "devices.host_path", config: { devices: [{ hostPath: "dev/x", permissions: "rw" }] } },
    {
      field: "devices.container_path",
      config: { devices: [{ hostPath: "/x", containerPath: "x", permissions: "rw" }] },
    },
    { field: "privileged", config: { linux: { securityContext: { privileged: true } } } },
    { field: "masked_paths", config: { linux: { securityContext: { maskedPaths: ["proc"] } } } },
    { field: "masked_paths", config: { linux: { securityContext: { maskedPaths: ["/"] } } } },
    { field: "readonly_paths", config: { linux: { securityContext: { readonlyPaths: ["/a\0"] } } } },
    { field: "options.network", config: { linux: { securityContext: { namespaceOptions: { network: HOST } } } } },
    { field: "options.ipc", config: { linux: { securityContext: { namespaceOptions: { ipc: HOST } } } } },
    { field: "options.pid", config: { linux: { securityContext: { namespaceOptions: { pid: HOST } } } } },
    { field: "options.pid", config: { linux: { securityContext: { namespaceOptions: { pid: 7 as NamespaceMode } } } } },
    { field: "options.target_id", config: { linux: { securityContext: { namespaceOptions: { pid: TARGET } } } } },
    {
      field: "options.userns_options",
      config: { linux: { securityContext: { namespaceOptions: { usernsOptions: { mode: HOST } } } } },
    },
  ])("is refused by the name of $field: $config", ({ field, code = "INVALID_ARGUMENT", config }) => {
    const check = () => checkContainerConfig(appConfig(config), sandboxRecord());
    expect(check).toThrow(field);
    expect(check).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    { pid: POD, pod: undefined },
    { pid: CONTAINER, pod: undefined },
    { pid: HOST, pod: onHost },
    { pid: CONTAINER, pod: onHost },
  ])("is fine with PID mode $pid", ({ pid, pod }) => {
    const config = appConfig({ linux: { securityContext: { namespaceOptions: { pid } } } });
    expect(() => checkContainerConfig(config, sandboxRecord(pod && { config: pod }))).not.toThrow();
  });

  it("may be privileged in a privileged pod", () => {
    const security = { linux: { securityContext: { privileged: true } } };
    const sandbox = sandboxRecord({ config: podConfig(security) });
    expect(() => checkContainerConfig(appConfig(security), sandbox)).not.toThrow();
  });
});

describe("a container's process", () => {
  const record = containerRecord({
    config: appConfig({
      linux: { securityContext: { noNewPrivs: true, readonlyRootfs: true } },
      mounts: [{ hostPath: "/h", containerPath: "/c", readonly: true, recursiveReadOnly: true }],
    }),
    facts: { ...facts, user: { uid: 7, gid: 8, groups: [8, 9] }, env: ["A=\xff"], cwd: "/w", capabilities: [1] },
  });

  it("is who and where the container's facts say, byte for byte", () => {
    expect(execProcess(record, ["a"])).toEqual({
      argv: ["a"],
      env: [Buffer.from([0x41, 0x3d, 0xff])],
      cwd: "/w",
      uid: 7,
      gid: 8,
      groups: [8, 9],
      capabilities: new Set([1]),
      noNewPrivileges: true,
    });
  });

  it("sets the attributes of mounts, the root's last", () => {
    expect(containerProcess(record, ["a"]).mounts).toEqual([
      { path: "/c", attributes: ["ro"], recursive: true },
      { path: "/", attributes: ["ro"], recursive: false },
    ]);
  });
});
