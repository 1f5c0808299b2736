/**
 * What becomes of every field of a pod's and a container's config. A field that CRI adds later is in no row: this test fails
 * until somebody decides.
 */

import {
  Capability,
  CDIDevice,
  ContainerConfig,
  ContainerMetadata,
  Device,
  DNSConfig,
  HugepageLimit,
  IDMapping,
  ImageSpec,
  KeyValue,
  LinuxContainerConfig,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  Mount,
  NamespaceOption,
  PodSandboxConfig,
  PodSandboxMetadata,
  PortMapping,
  SecurityProfile,
  SELinuxOption,
  UserNamespace,
} from "@lxe/cri";
import { describe, expect, it } from "vitest";

/**
 * - `lxd`: changes what LXD is told, or what the container's first process does.
 * - `file`: decides a file of the pod or the container.
 * - `checked`: must have a certain value; others are refused by the field's name.
 * - `refused`: anything but empty is refused by the field's name.
 * - `shown`: kept and given back; there is nothing to do about it.
 */
type Fate = "lxd" | "file" | "checked" | "refused" | "shown";
type Row = readonly [fate: Fate, where: string];

interface Message {
  readonly message: { create(): object };
  readonly fields: Readonly<Record<string, Row>>;
}

const NO_WINDOWS: Row = ["shown", "means nothing on Linux"];
const PAUSE_PROCESS: Row = ["shown", "about the pod's own process, which runs nothing of the pod's"];

const MESSAGES: Readonly<Record<string, Message>> = {
  PodSandboxConfig: {
    message: PodSandboxConfig,
    fields: {
      metadata: ["lxd", "name of the instance"],
      hostname: ["lxd", "lxc.uts.name, hostname and hosts files"],
      logDirectory: ["file", "the containers' log files"],
      dnsConfig: ["file", "resolv.conf"],
      portMappings: ["lxd", "proxy devices (ports.ts)"],
      labels: ["shown", "labels; filters"],
      annotations: ["shown", "annotations; lxe.io/container-type"],
      linux: ["lxd", "below"],
      windows: NO_WINDOWS,
    },
  },
  PodSandboxMetadata: {
    message: PodSandboxMetadata,
    fields: {
      name: ["lxd", "name of the instance"],
      uid: ["lxd", "name of the instance"],
      namespace: ["lxd", "name of the instance"],
      attempt: ["lxd", "name of the instance"],
    },
  },
  DNSConfig: {
    message: DNSConfig,
    fields: { servers: ["file", "dns.ts"], searches: ["file", "dns.ts"], options: ["file", "dns.ts"] },
  },
  PortMapping: {
    message: PortMapping,
    fields: {
      protocol: ["checked", "tcp or udp"],
      containerPort: ["lxd", "connect"],
      hostPort: ["lxd", "listen; 0 only informs"],
      hostIp: ["lxd", "listen"],
    },
  },
  LinuxPodSandboxConfig: {
    message: LinuxPodSandboxConfig,
    fields: {
      cgroupParent: ["lxd", "lxc.cgroup.dir.container (cgroup.ts)"],
      securityContext: ["lxd", "below"],
      sysctls: ["lxd", "lxc.sysctl"],
      overhead: ["shown", "sums for runtimes that run virtual machines; the kubelet sets the pod's cgroup"],
      resources: ["shown", "as overhead"],
    },
  },
  LinuxSandboxSecurityContext: {
    message: LinuxSandboxSecurityContext,
    fields: {
      namespaceOptions: ["lxd", "namespaces.ts"],
      selinuxOptions: ["refused", "on a node with SELinux"],
      runAsUser: PAUSE_PROCESS,
      runAsGroup: ["checked", "needs run_as_user"],
      readonlyRootfs: PAUSE_PROCESS,
      supplementalGroups: PAUSE_PROCESS,
      supplementalGroupsPolicy: PAUSE_PROCESS,
      privileged: ["lxd", "user namespace; containers may be privileged"],
      seccomp: ["lxd", "security.ts; Localhost is refused"],
      apparmor: ["lxd", "security.ts"],
      seccompProfilePath: ["lxd", "where seccomp is absent"],
    },
  },
  NamespaceOption: {
    message: NamespaceOption,
    fields: {
      network: ["lxd", "a container's must be its pod's"],
      pid: ["lxd", "namespaces.ts"],
      ipc: ["lxd", "a container's must be its pod's"],
      targetId: ["lxd", "with pid TARGET"],
      usernsOptions: ["lxd", "a container's must be its pod's"],
    },
  },
  UserNamespace: {
    message: UserNamespace,
    fields: { mode: ["lxd", "POD or NODE"], uids: ["lxd", "security.idmap"], gids: ["checked", "the same as uids"] },
  },
  IDMapping: {
    message: IDMapping,
    fields: {
      hostId: ["lxd", "security.idmap.base"],
      containerId: ["checked", "0"],
      length: ["lxd", "security.idmap.size"],
    },
  },
  SELinuxOption: {
    message: SELinuxOption,
    fields: {
      user: ["refused", "on a node with SELinux"],
      role: ["refused", "on a node with SELinux"],
      type: ["refused", "on a node with SELinux"],
      level: ["refused", "on a node with SELinux"],
    },
  },
  SecurityProfile: {
    message: SecurityProfile,
    fields: {
      profileType: ["lxd", "security.ts"],
      localhostRef: ["lxd", "AppArmor's; seccomp's is refused"],
    },
  },
  ContainerConfig: {
    message: ContainerConfig,
    fields: {
      metadata: ["lxd", "name of the instance"],
      image: ["lxd", "source"],
      command: ["file", "init program (command.ts)"],
      args: ["file", "init program (command.ts)"],
      workingDir: ["file", "init program"],
      envs: ["file", "init program; cloud-init's input goes to LXD"],
      mounts: ["lxd", "lxc.mount.entry (mounts.ts)"],
      devices: ["lxd", "unix-char and unix-block devices"],
      labels: ["shown", "labels; filters"],
      annotations: ["shown", "annotations; lxe.io/container-type"],
      logPath: ["file", "the log file"],
      stdin: ["file", "a named pipe (exec/input.ts)"],
      stdinOnce: ["file", "whether the pipe can end (exec/input.ts)"],
      tty: ["lxd", "a terminal of its own (exec/app-terminal.ts); TERM"],
      linux: ["lxd", "below"],
      windows: NO_WINDOWS,
      CDIDevices: ["refused", "container-instance.ts"],
      stopSignal: ["lxd", "lxc.signal.halt (signals.ts)"],
    },
  },
  ContainerMetadata: {
    message: ContainerMetadata,
    fields: { name: ["lxd", "name of the instance"], attempt: ["lxd", "name of the instance"] },
  },
  ImageSpec: {
    message: ImageSpec,
    fields: {
      image: ["lxd", "source"],
      annotations: ["shown", "for the caller"],
      userSpecifiedImage: ["shown", "for the caller"],
      runtimeHandler: ["shown", "images are the same for each handler"],
      imageRef: ["shown", "an answer's field"],
    },
  },
  KeyValue: { message: KeyValue, fields: { key: ["file", "init program"], value: ["file", "init program"] } },
  Mount: {
    message: Mount,
    fields: {
      containerPath: ["lxd", "target"],
      hostPath: ["lxd", "source"],
      readonly: ["lxd", "ro"],
      selinuxRelabel: ["shown", "LXD gives containers no label of their own"],
      propagation: ["lxd", "BIDIRECTIONAL is refused"],
      uidMappings: ["checked", "the pod's"],
      gidMappings: ["checked", "the pod's"],
      recursiveReadOnly: ["file", "init program"],
      image: ["refused", "mounts.ts"],
      imageSubPath: ["refused", "mounts.ts"],
      mountOptions: ["file", "init program"],
    },
  },
  Device: {
    message: Device,
    fields: {
      containerPath: ["lxd", "path"],
      hostPath: ["lxd", "source"],
      permissions: ["checked", "read and write; others are refused"],
    },
  },
  CDIDevice: { message: CDIDevice, fields: { name: ["refused", "container-instance.ts"] } },
  LinuxContainerConfig: {
    message: LinuxContainerConfig,
    fields: { resources: ["lxd", "below"], securityContext: ["lxd", "below"] },
  },
  LinuxContainerResources: {
    message: LinuxContainerResources,
    fields: {
      cpuPeriod: ["lxd", "resources.ts"],
      cpuQuota: ["lxd", "resources.ts"],
      cpuShares: ["lxd", "resources.ts"],
      memoryLimitInBytes: ["lxd", "limits.memory"],
      oomScoreAdj: ["lxd", "lxc.proc.oom_score_adj"],
      cpusetCpus: ["lxd", "resources.ts"],
      cpusetMems: ["lxd", "resources.ts"],
      hugepageLimits: ["lxd", "limits.hugepages"],
      unified: ["lxd", "lxc.cgroup2; refused with cgroup v1"],
      memorySwapLimitInBytes: ["lxd", "resources.ts"],
    },
  },
  HugepageLimit: {
    message: HugepageLimit,
    fields: { pageSize: ["lxd", "limits.hugepages"], limit: ["lxd", "limits.hugepages"] },
  },
  LinuxContainerSecurityContext: {
    message: LinuxContainerSecurityContext,
    fields: {
      capabilities: ["lxd", "capabilities.ts"],
      privileged: ["lxd", "capabilities, profiles, hidden paths"],
      namespaceOptions: ["lxd", "namespaces.ts"],
      selinuxOptions: ["refused", "on a node with SELinux"],
      runAsUser: ["file", "init program (users.ts)"],
      runAsGroup: ["file", "init program (users.ts)"],
      runAsUsername: ["file", "init program (users.ts)"],
      readonlyRootfs: ["file", "init program"],
      supplementalGroups: ["file", "init program (users.ts)"],
      supplementalGroupsPolicy: ["file", "init program (users.ts)"],
      noNewPrivs: ["file", "init program"],
      maskedPaths: ["lxd", "lxc.mount.entry"],
      readonlyPaths: ["lxd", "lxc.mount.entry"],
      seccomp: ["lxd", "security.ts; Localhost is refused"],
      apparmor: ["lxd", "security.ts"],
      apparmorProfile: ["lxd", "where apparmor is absent"],
      seccompProfilePath: ["lxd", "where seccomp is absent"],
    },
  },
  Capability: {
    message: Capability,
    fields: {
      addCapabilities: ["lxd", "lxc.cap.keep, init program"],
      dropCapabilities: ["lxd", "lxc.cap.keep, init program"],
      addAmbientCapabilities: ["refused", "capabilities.ts"],
    },
  },
};

describe("every field is decided on", () => {
  it.each(Object.entries(MESSAGES))("of %s", (_, { message, fields }) => {
    expect(Object.keys(fields).toSorted()).toEqual(Object.keys(message.create()).toSorted());
  });
});
