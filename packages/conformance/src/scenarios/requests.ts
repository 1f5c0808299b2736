/** Requests that make no sense, field by field; and requests that come twice, or many at once. */
import {
  type ContainerConfig,
  ContainerState,
  type DeepPartial,
  MountPropagation,
  NamespaceMode,
  type PodSandboxConfig,
  Protocol,
  SecurityProfile_ProfileType,
} from "@lxe/cri";
import { rename, stat } from "node:fs/promises";
import { expect } from "vitest";
import { preparePod, runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { rejection } from "../support/rejection.ts";
import { scenario, type Theme } from "./scenario.ts";

const { CONTAINER_EXITED, CONTAINER_RUNNING } = ContainerState;

interface Refusal<T> {
  readonly what: string;
  readonly config: DeepPartial<T>;
  /** In the message. */
  readonly field: RegExp;
  /** Default INVALID_ARGUMENT. */
  readonly code?: string;
  /** The reference takes it. */
  readonly taken?: boolean;
}

const withNamespaces = (namespaceOptions: object): DeepPartial<PodSandboxConfig> => ({
  linux: { securityContext: { namespaceOptions } },
});
const mapping = { hostId: 100_000, containerId: 0, length: 65_536 };
const withMappings = (mode: NamespaceMode, ...uids: object[]): DeepPartial<PodSandboxConfig> =>
  withNamespaces({ usernsOptions: { mode, uids, gids: uids } });

const POD_METADATA = { name: "refused", namespace: "conformance", uid: "refused", attempt: 0 };

const PODS: readonly Refusal<PodSandboxConfig>[] = [
  { what: "no metadata", config: { metadata: undefined }, field: /metadata/ },
  { what: "no name", config: { metadata: { ...POD_METADATA, name: "" } }, field: /metadata.*name/, taken: true },
  {
    what: "no namespace",
    config: { metadata: { ...POD_METADATA, namespace: "" } },
    field: /metadata.*namespace/,
    taken: true,
  },
  { what: "no uid", config: { metadata: { ...POD_METADATA, uid: "" } }, field: /metadata.*uid/, taken: true },
  {
    what: "two id mappings",
    config: withMappings(NamespaceMode.POD, mapping, { ...mapping, containerId: 65_536, hostId: 200_000 }),
    field: /userns_?options/i,
  },
  {
    what: "root not mapped",
    config: withMappings(NamespaceMode.POD, { ...mapping, containerId: 1 }),
    field: /userns_?options/i,
  },
  { what: "a container's user namespace", config: withMappings(NamespaceMode.CONTAINER), field: /userns_?options/i },
  { what: "another's user namespace", config: withMappings(NamespaceMode.TARGET), field: /userns_?options/i },
  {
    what: "a container's network",
    config: withNamespaces({ network: NamespaceMode.CONTAINER }),
    field: /network/,
    taken: true,
  },
  { what: "a container's ipc", config: withNamespaces({ ipc: NamespaceMode.CONTAINER }), field: /ipc/, taken: true },
  {
    what: "a group without a user",
    config: { linux: { securityContext: { runAsGroup: { value: 5n } } } },
    field: /run_?as_?group/i,
    taken: true,
  },
  {
    what: "a sysctl of the host",
    config: { linux: { sysctls: { "kernel.panic": "1" } } },
    field: /sysctl.*kernel\.panic/,
  },
  {
    what: "a port that is none",
    config: { portMappings: [{ protocol: Protocol.TCP, containerPort: 80, hostPort: 70_000 }] },
    field: /port_?mappings/i,
    taken: true,
  },
  {
    what: "an address that is none",
    config: { portMappings: [{ protocol: Protocol.TCP, containerPort: 80, hostPort: 8080, hostIp: "nowhere" }] },
    field: /host_?ip/i,
    taken: true,
  },
  { what: "a relative log directory", config: { logDirectory: "logs" }, field: /log_?directory/i, taken: true },
];

const securityContext = (context: object): DeepPartial<ContainerConfig> => ({ linux: { securityContext: context } });
const mount = (fields: object): DeepPartial<ContainerConfig> => ({
  mounts: [{ hostPath: "/tmp", containerPath: "/mnt", ...fields }],
});

const CONTAINERS: readonly Refusal<ContainerConfig>[] = [
  { what: "no metadata", config: { metadata: undefined }, field: /metadata/ },
  { what: "no name", config: { metadata: { name: "", attempt: 0 } }, field: /metadata.*name/, taken: true },
  { what: "no image", config: { image: undefined }, field: /image/ },
  { what: "no such image", config: { image: { image: "no/such:image" } }, field: /no\/such:image/, code: "NOT_FOUND" },
  { what: "a nameless variable", config: { envs: [{ key: "", value: Buffer.from("x") }] }, field: /env/, taken: true },
  {
    what: "a variable with = in its name",
    config: { envs: [{ key: "a=b", value: Buffer.from("x") }] },
    field: /env/,
    taken: true,
  },
  { what: "a group without a user", config: securityContext({ runAsGroup: { value: 5n } }), field: /run_?as_?group/i },
  {
    what: "another network than the pod's",
    config: securityContext({ namespaceOptions: { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER } }),
    field: /network/,
    taken: true,
  },
  {
    what: "an unknown target",
    config: securityContext({ namespaceOptions: { pid: NamespaceMode.TARGET, targetId: "0".repeat(64) } }),
    field: /0000/,
    code: "NOT_FOUND",
  },
  {
    what: "an unknown capability",
    config: securityContext({ capabilities: { addCapabilities: ["FLY"] } }),
    field: /capabilit.*FLY/i,
    taken: true,
  },
  {
    what: "an unknown policy for groups",
    config: securityContext({ supplementalGroupsPolicy: 7 }),
    field: /supplemental_?groups_?policy/i,
  },
  {
    what: "a seccomp profile that is not there",
    config: securityContext({
      seccomp: { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: "/no/such/profile.json" },
    }),
    field: /seccomp/,
  },
  { what: "an unknown stop signal", config: { stopSignal: 999 as never }, field: /stop_?signal/i, taken: true },
  {
    what: "a mount that is recursively, but not read-only",
    config: mount({ recursiveReadOnly: true }),
    field: /recursive_?read_?only/i,
  },
  {
    what: "a recursively read-only mount that propagates",
    config: mount({
      readonly: true,
      recursiveReadOnly: true,
      propagation: MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
    }),
    field: /recursive_?read_?only/i,
  },
  { what: "a mount without a target", config: mount({ containerPath: "" }), field: /container_?path/i, taken: true },
  {
    what: "a device that is not there",
    config: { devices: [{ hostPath: "/dev/no-such", containerPath: "/dev/x", permissions: "rw" }] },
    field: /devices?.*\/dev\/no-such/,
  },
  {
    what: "an unknown CDI device",
    config: { CDIDevices: [{ name: "no.such/class=dev" }] },
    field: /cdi/i,
    code: "UNIMPLEMENTED",
  },
  {
    what: "a cpuset that is none",
    config: { linux: { resources: { cpusetCpus: "zero" } } },
    field: /cpuset_?cpus/i,
    taken: true,
  },
  {
    what: "less than no memory",
    config: { linux: { resources: { memoryLimitInBytes: -5n } } },
    field: /memory_?limit/i,
    taken: true,
  },
];

export const requests: Theme = {
  name: "requests",
  scenarios: [
    ...PODS.map(({ what, config, field, code = "INVALID_ARGUMENT", taken = false }) =>
      scenario(
        `a pod with ${what} is refused by the field's name, and leaves nothing`,
        async (arm) => {
          const pod = await preparePod(arm);
          await using _ = pod;
          await expectRefused(arm, arm.cri.runPodSandbox({ config: { ...pod.config, ...config } }), code, field);
          expect((await arm.cri.listPodSandbox({})).items).toEqual([]);
        },
        ({ lxd }) => (lxd || !taken ? undefined : "lxe only: containerd takes it"),
      ),
    ),

    scenario("a pod without a config, or of an unknown handler, is refused", async (arm) => {
      await using pod = await preparePod(arm);
      await expectRefused(arm, arm.cri.runPodSandbox({}), "INVALID_ARGUMENT", /config/);
      const call = arm.cri.runPodSandbox({ config: pod.config, runtimeHandler: "no-such-handler" });
      await expectRefused(arm, call, "INVALID_ARGUMENT", /no-such-handler/);
      expect((await arm.cri.listPodSandbox({})).items).toEqual([]);
    }),

    ...CONTAINERS.map(({ what, config, field, code = "INVALID_ARGUMENT", taken = false }) =>
      scenario(
        `a container with ${what} is refused by the field's name, and leaves nothing`,
        async (arm) => {
          await using pod = await runPod(arm);
          await expectRefused(arm, pod.create({ config }), code, field);
          expect((await arm.cri.listContainers({})).containers).toEqual([]);
          // the name is free
          expect(await (await pod.start()).sh("echo here")).toBe("here\n");
        },
        ({ lxd }) => (lxd || !taken ? undefined : "lxe only: containerd takes it"),
      ),
    ),

    scenario("a container without a config is refused", async (arm) => {
      await using pod = await runPod(arm);
      await expectRefused(arm, arm.cri.createContainer({ podSandboxId: pod.id }), "INVALID_ARGUMENT", /config/);
    }),

    scenario("many creations of one container at once make one", async (arm) => {
      await using pod = await runPod(arm);
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => pod.create()));
      const ids = new Set(outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.id] : [])));
      expect(ids.size).toBe(1);
      expect((await arm.cri.listContainers({})).containers.map(({ id }) => id)).toEqual([...ids]);
    }),

    scenario("many starts of one container at once start it once", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.create({ script: "echo started; sleep 100000" });
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => container.start()));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await container.says("started")).toBe("started\n");
      expect(await container.status()).toMatchObject({ state: CONTAINER_RUNNING });
    }),

    scenario("a stop and a removal at once end in a container that is gone", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: "trap '' TERM; echo up; while true; do sleep 0.1; done" });
      await container.says("up");
      const [stopped] = await Promise.allSettled([container.stop(20), container.remove()]);
      expect(stopped.status).toBe("fulfilled");
      await container.remove();
      expect(await rejection(container.status())).toMatchObject({ codeName: "NOT_FOUND" });
    }),

    scenario("many stops and removals of one pod at once all succeed in the end", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start();
      const stops = await Promise.allSettled(Array.from({ length: 5 }, () => pod.stop()));
      expect(stops.map(({ status }) => status)).toContain("fulfilled");
      await pod.stop();
      expect(await container.status()).toMatchObject({ state: CONTAINER_EXITED });
      const removals = await Promise.allSettled(Array.from({ length: 5 }, () => pod.remove()));
      expect(removals.map(({ status }) => status)).toContain("fulfilled");
      await pod.remove();
    }),

    scenario("ten pods at once are made, listed with addresses of their own, and removed", async (arm) => {
      await using stack = new AsyncDisposableStack();
      const pods = await Promise.all(Array.from({ length: 10 }, async () => stack.use(await runPod(arm))));
      const statuses = await Promise.all(pods.map((pod) => pod.status()));
      expect(new Set(statuses.map(({ network }) => network?.ip)).size).toBe(10);
      const { items } = await arm.cri.listPodSandbox({});
      expect(items.map(({ id }) => id).toSorted()).toEqual(pods.map(({ id }) => id).toSorted());
      await Promise.all(pods.map((pod) => pod.remove()));
      expect((await arm.cri.listPodSandbox({})).items).toEqual([]);
    }),

    scenario("reopening a log again and again makes no line twice, and each time a file", async (arm) => {
      await using pod = await runPod(arm);
      const container = await pod.start({ script: "echo once; sleep 100000" });
      await container.says("once");
      for (let round = 0; round < 3; round++) await arm.cri.reopenContainerLog({ containerId: container.id });
      expect(await container.stdout()).toBe("once\n");
      await rename(container.logPath, `${container.logPath}.old`);
      await arm.cri.reopenContainerLog({ containerId: container.id });
      expect((await stat(container.logPath)).size).toBe(0);
    }),
  ],
};
