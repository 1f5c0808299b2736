import { NamespaceMode, NamespaceOption, type UserNamespace } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import {
  checkSandboxNamespaces,
  chooseUserNamespace,
  containerNamespaceLines,
  isSameUserNamespace,
  sandboxNamespaceLines,
  userNamespaceConfig,
} from "./namespaces.ts";

const { POD, CONTAINER, NODE, TARGET } = NamespaceMode;
const MODES = [POD, CONTAINER, NODE, TARGET];
const UNKNOWN = 7 as NamespaceMode;
const HOST_PID = 4711;

const options = (network: NamespaceMode, pid: NamespaceMode, ipc: NamespaceMode): NamespaceOption =>
  NamespaceOption.fromPartial({ network, pid, ipc });

const every = MODES.flatMap((network) => MODES.flatMap((pid) => MODES.map((ipc) => ({ network, pid, ipc }))));
const isAllowed = ({ network, pid, ipc }: (typeof every)[number]): boolean =>
  [network, ipc].every((mode) => mode === POD || mode === NODE) && pid !== TARGET;

describe("a sandbox's namespaces", () => {
  it.each(every.filter((modes) => !isAllowed(modes)))(
    "are refused for network $network, pid $pid, ipc $ipc",
    ({ network, pid, ipc }) => {
      expect(() => checkSandboxNamespaces(options(network, pid, ipc))).toThrow(/namespace_options\.(network|ipc|pid)/);
    },
  );

  it.each(every.filter(isAllowed))(
    "come from the host exactly where network $network, pid $pid, ipc $ipc say NODE",
    ({ network, pid, ipc }) => {
      const asked = options(network, pid, ipc);
      checkSandboxNamespaces(asked);
      const shared = [
        ...(network === NODE ? ["net"] : []),
        ...(ipc === NODE ? ["ipc"] : []),
        ...(pid === NODE ? ["pid"] : []),
        ...(network === NODE ? ["uts"] : []),
      ];
      expect(sandboxNamespaceLines(asked, HOST_PID)).toEqual(
        shared.map((name) => [`lxc.namespace.share.${name}`, String(HOST_PID)]),
      );
    },
  );

  it("are all the pod's own when nothing is said", () => {
    checkSandboxNamespaces(undefined);
    expect(sandboxNamespaceLines(undefined, HOST_PID)).toEqual([]);
  });

  it.each(["network", "pid", "ipc"] as const)("are refused for an unknown value of %s", (field) => {
    expect(() => checkSandboxNamespaces({ ...options(POD, POD, POD), [field]: UNKNOWN })).toThrow(field);
  });
});

const common = (of: string): [string, string][] => ["net", "ipc", "uts"].map((n) => [`lxc.namespace.share.${n}`, of]);

describe("a container's namespaces", () => {
  it.each([
    { pid: POD, expected: [["lxc.namespace.share.pid", "pause"]] },
    { pid: NODE, expected: [["lxc.namespace.share.pid", "pause"]] },
    { pid: CONTAINER, expected: [] },
    { pid: TARGET, expected: [["lxc.namespace.share.pid", "other"]] },
  ])("are the pause instance's, with PID mode $pid", ({ pid, expected }) => {
    const lines = containerNamespaceLines({ choice: { kind: "host" }, pid, target: "other" }, "pause");
    expect(lines).toEqual([...common("pause"), ...expected]);
  });

  it.each([{ kind: "default" }, { kind: "mapped", hostId: 65536, length: 65536 }] as const)(
    "include its user namespace when that is $kind",
    (choice) => {
      expect(containerNamespaceLines({ choice, pid: CONTAINER }, "pause")).toEqual([
        ["lxc.namespace.share.user", "pause"],
        ...common("pause"),
      ]);
    },
  );
});

const security = (changes: { privileged?: boolean; options?: Partial<NamespaceOption> }) => ({
  namespaceOptions: { ...options(POD, POD, POD), ...changes.options },
  privileged: changes.privileged ?? false,
  selinuxOptions: undefined,
  runAsUser: undefined,
  runAsGroup: undefined,
  readonlyRootfs: false,
  supplementalGroups: [],
  supplementalGroupsPolicy: 0 as const,
  seccomp: undefined,
  apparmor: undefined,
  seccompProfilePath: "",
});

const map = (hostId = 65536, length = 65536, containerId = 0) => ({ hostId, length, containerId });

describe("the choice of a user namespace", () => {
  const requested = (changes: Partial<UserNamespace> = {}): UserNamespace => ({
    mode: POD,
    uids: [map()],
    gids: [map()],
    ...changes,
  });

  it.each([
    { mode: "auto", possible: true, kind: "default" },
    { mode: "auto", possible: false, kind: "host" },
    { mode: "always", possible: true, kind: "default" },
    { mode: "always", possible: false, kind: "default" },
    { mode: "requested", possible: true, kind: "host" },
    { mode: "requested", possible: false, kind: "host" },
  ] as const)("is $kind for a plain pod with mode $mode, possible: $possible", ({ mode, possible, kind }) => {
    expect(chooseUserNamespace(undefined, mode, possible)).toEqual({ kind });
    expect(chooseUserNamespace(security({}), mode, possible)).toEqual({ kind });
  });

  it.each([
    { why: "is privileged", pod: security({ privileged: true }) },
    { why: "shares the network", pod: security({ options: { network: NODE } }) },
    { why: "shares ipc", pod: security({ options: { ipc: NODE } }) },
    { why: "shares pids", pod: security({ options: { pid: NODE } }) },
    { why: "asks for the node's", pod: security({ options: { usernsOptions: requested({ mode: NODE, uids: [] }) } }) },
  ])("is the host's for a pod that $why, whatever the mode", ({ pod }) => {
    for (const mode of ["auto", "always", "requested"] as const)
      expect(chooseUserNamespace(pod, mode, true)).toEqual({ kind: "host" });
  });

  it("is the exact mapping that was asked for", () => {
    const asked = requested({ uids: [map(131072, 131072)], gids: [map(131072, 131072)] });
    expect(chooseUserNamespace(security({ options: { usernsOptions: asked } }), "requested", false)).toEqual({
      kind: "mapped",
      hostId: 131072,
      length: 131072,
    });
  });

  it.each([
    { why: "two uids", userns: requested({ uids: [map(), map()] }), says: "exactly one" },
    { why: "two gids", userns: requested({ gids: [map(), map()] }), says: "exactly one" },
    { why: "no uids", userns: requested({ uids: [] }), says: "exactly one" },
    { why: "no gids", userns: requested({ gids: [] }), says: "exactly one" },
    { why: "other gids than uids", userns: requested({ gids: [map(131072)] }), says: "must be the same" },
    { why: "other lengths", userns: requested({ gids: [map(65536, 1)] }), says: "must be the same" },
    {
      why: "no mapping of id 0",
      userns: requested({ uids: [map(65536, 65536, 1)], gids: [map(65536, 65536, 1)] }),
      says: "container id 0",
    },
    { why: "nothing mapped", userns: requested({ uids: [map(65536, 0)], gids: [map(65536, 0)] }), says: "empty" },
    { why: "mode CONTAINER", userns: requested({ mode: CONTAINER }), says: "POD or NODE" },
    { why: "mode TARGET", userns: requested({ mode: TARGET }), says: "POD or NODE" },
  ])("is refused for $why, by the name of the field", ({ userns, says }) => {
    const choose = () => chooseUserNamespace(security({ options: { usernsOptions: userns } }), "auto", true);
    expect(choose).toThrow("namespace_options.userns_options");
    expect(choose).toThrow(says);
  });

  it.each([
    { why: "privileged", pod: security({ privileged: true, options: { usernsOptions: requested() } }) },
    { why: "on the host's network", pod: security({ options: { network: NODE, usernsOptions: requested() } }) },
    { why: "in the host's ipc", pod: security({ options: { ipc: NODE, usernsOptions: requested() } }) },
    { why: "in the host's pids", pod: security({ options: { pid: NODE, usernsOptions: requested() } }) },
  ])("is refused for a mapping of a pod that is $why", ({ pod }) => {
    expect(() => chooseUserNamespace(pod, "auto", true)).toThrow("namespace_options.userns_options");
  });

  it.each([
    { choice: { kind: "host" }, config: { "security.privileged": "true" } },
    { choice: { kind: "default" }, config: {} },
    {
      choice: { kind: "mapped", hostId: 65536, length: 131072 },
      config: {
        "security.idmap.isolated": "true",
        "security.idmap.base": "65536",
        "security.idmap.size": "131072",
      },
    },
  ] as const)("$choice.kind is LXD config", ({ choice, config }) => {
    expect(userNamespaceConfig(choice)).toEqual(config);
  });

  it.each([
    { container: requested(), pod: { kind: "mapped", hostId: 65536, length: 65536 }, same: true },
    { container: requested(), pod: { kind: "mapped", hostId: 131072, length: 65536 }, same: false },
    { container: requested(), pod: { kind: "default" }, same: false },
    { container: requested(), pod: { kind: "host" }, same: false },
    { container: requested({ gids: [] }), pod: { kind: "mapped", hostId: 65536, length: 65536 }, same: false },
    { container: requested({ mode: NODE }), pod: { kind: "host" }, same: true },
    { container: requested({ mode: NODE }), pod: { kind: "default" }, same: false },
    { container: requested({ mode: TARGET }), pod: { kind: "host" }, same: false },
  ] as const)("of a container is the pod's: $same ($pod.kind)", ({ container, pod, same }) => {
    expect(isSameUserNamespace(container, pod)).toBe(same);
  });
});
