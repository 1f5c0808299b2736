/** What a container's processes may do: capabilities, privileges, seccomp, parts of the file system. */
import type { DeepPartial, LinuxContainerSecurityContext, LinuxSandboxSecurityContext } from "@lxe/cri";
import { NamespaceMode, SecurityProfile_ProfileType, SupplementalGroupsPolicy } from "@lxe/cri";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { ArmInstance } from "../arms/arm.ts";
import type { TestContainer } from "../support/container.ts";
import { runPod, type TestPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { scenario, type Theme } from "./scenario.ts";

const NET_ADMIN = 1n << 12n;
const NET_RAW = 1n << 13n;

const needsKernel = ({ cgroup }: ArmInstance): string | undefined =>
  cgroup ? undefined : "the fake LXD has no kernel that would see to it";

const privilegedPod = (arm: ArmInstance): Promise<TestPod> => {
  const securityContext: DeepPartial<LinuxSandboxSecurityContext> = {
    privileged: true,
    namespaceOptions: { pid: NamespaceMode.CONTAINER },
  };
  return runPod(arm, { config: { linux: { securityContext } } });
};

async function startWith(
  pod: TestPod,
  name: string,
  context: DeepPartial<LinuxContainerSecurityContext>,
): Promise<TestContainer> {
  const securityContext = { namespaceOptions: { pid: NamespaceMode.CONTAINER }, ...context };
  return pod.start({ name, config: { linux: { securityContext } } });
}

/** A line of its first process's /proc/1/status. */
async function statusLine(container: TestContainer, key: string): Promise<string> {
  return (await container.sh(`grep ^${key}: /proc/1/status`)).replace(/^\w+:\s*/, "").trim();
}

const bounding = async (container: TestContainer): Promise<bigint> =>
  BigInt(`0x${await statusLine(container, "CapBnd")}`);

/** A seccomp rule against making something readable for its owner alone. */
const noMode0400 = (name: string, index: number): object => ({
  names: [name],
  action: "SCMP_ACT_ERRNO",
  args: [{ index, value: 0o400, valueTwo: 0, op: "SCMP_CMP_EQ" }],
});

export const security: Theme = {
  name: "security",
  scenarios: [
    scenario(
      "capabilities are added and dropped, one by one and all of them",
      async (arm) => {
        await using pod = await runPod(arm);
        const has = async (name: string, capabilities: object): Promise<bigint> =>
          bounding(await startWith(pod, name, { capabilities }));
        const usual = await has("usual", {});
        expect(usual & NET_ADMIN).toBe(0n);
        expect(usual & NET_RAW).toBe(NET_RAW);
        expect(await has("more", { addCapabilities: ["NET_ADMIN"] })).toBe(usual | NET_ADMIN);
        expect(await has("less", { dropCapabilities: ["NET_RAW"] })).toBe(usual & ~NET_RAW);
        expect(await has("none", { dropCapabilities: ["ALL"] })).toBe(0n);
        expect(await has("one", { dropCapabilities: ["ALL"], addCapabilities: ["NET_RAW"] })).toBe(NET_RAW);
        const all = await has("all", { addCapabilities: ["ALL"] });
        expect(all & (usual | NET_ADMIN)).toBe(usual | NET_ADMIN);
      },
      needsKernel,
    ),

    scenario(
      "an exec'd command has the container's capabilities",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await startWith(pod, "main", { capabilities: { dropCapabilities: ["ALL"] } });
        expect(await container.sh("grep ^CapBnd: /proc/self/status")).toMatch(/\s0{16}$/m);
      },
      needsKernel,
    ),

    scenario(
      "no_new_privs is on when asked for, and else off",
      async (arm) => {
        await using pod = await runPod(arm);
        expect(await statusLine(await startWith(pod, "on", { noNewPrivs: true }), "NoNewPrivs")).toBe("1");
        expect(await statusLine(await startWith(pod, "off", { noNewPrivs: false }), "NoNewPrivs")).toBe("0");
      },
      needsKernel,
    ),

    scenario(
      "seccomp filters where the runtime's default is asked for, and not where it is unconfined or absent",
      async (arm) => {
        await using pod = await runPod(arm);
        const { RuntimeDefault, Unconfined } = SecurityProfile_ProfileType;
        const mode = async (name: string, profileType?: SecurityProfile_ProfileType): Promise<string> => {
          const context = profileType === undefined ? {} : { seccomp: { profileType } };
          return statusLine(await startWith(pod, name, context), "Seccomp");
        };
        expect(await mode("default", RuntimeDefault)).toBe("2");
        expect(await mode("unconfined", Unconfined)).toBe("0");
        expect(await mode("absent")).toBe("0");
      },
      needsKernel,
    ),

    scenario("a seccomp profile of the node decides what system calls do, also by their arguments", async (arm) => {
      await using pod = await runPod(arm);
      const profile = join(arm.workDir, "seccomp.json");
      // programs make either call
      const syscalls = [noMode0400("chmod", 1), noMode0400("fchmodat", 2), noMode0400("fchmodat2", 2)];
      await writeFile(profile, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }), { mode: 0o600 });
      const seccomp = { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: profile };
      const container = await startWith(pod, "main", { seccomp });
      await rm(profile);
      const change = (mode: string) => container.exec(["sh", "-c", `touch /tmp/file; chmod ${mode} /tmp/file`]);
      expect((await change("400")).stderr).toContain("Operation not permitted");
      expect(await change("600")).toMatchObject({ code: 0 });
      await expectRefused(arm, startWith(pod, "none", { seccomp }), "INVALID_ARGUMENT", /security_context\.seccomp/);
    }),

    scenario(
      "masked paths show nothing, read-only paths cannot be written, those that do not exist are no matter",
      async (arm) => {
        await using pod = await runPod(arm);
        const container = await startWith(pod, "main", {
          maskedPaths: ["/etc/passwd", "/home", "/proc/timer_list", "/no/such/path"],
          readonlyPaths: ["/tmp", "/proc/sys", "/no/such/path"],
        });
        expect(await container.sh("cat /etc/passwd; ls -A /home")).toBe("");
        const attempt = await container.exec(["touch", "/tmp/new"]);
        expect(attempt.stderr).toContain("Read-only file system");
        await container.sh("touch /etc/new");
      },
      needsKernel,
    ),

    scenario(
      "a privileged container has all capabilities, no filter, and may mount",
      async (arm) => {
        await using pod = await privilegedPod(arm);
        const container = await startWith(pod, "main", { privileged: true });
        expect((await bounding(container)) & NET_ADMIN).toBe(NET_ADMIN);
        expect(await statusLine(container, "Seccomp")).toBe("0");
        await container.sh("mkdir /tmp/there && mount -t tmpfs none /tmp/there && touch /tmp/there/file");
        const plain = await startWith(pod, "plain", {});
        expect((await plain.exec(["mount", "-t", "tmpfs", "none", "/tmp"])).code).not.toBe(0);
      },
      needsKernel,
    ),

    scenario(
      "a privileged container may use all devices of the node, its neighbour may not",
      async (arm) => {
        await using pod = await privilegedPod(arm);
        const open = "busybox mknod /tmp/kernel-log c 1 11 && : < /tmp/kernel-log && echo opened";
        const container = await startWith(pod, "main", { privileged: true });
        expect(await container.sh(open)).toBe("opened\n");
        const plain = await startWith(pod, "plain", {});
        expect((await plain.exec(["sh", "-c", open])).code).not.toBe(0);
      },
      needsKernel,
    ),

    scenario("a privileged container in a pod that is not is refused", async (arm) => {
      await using pod = await runPod(arm);
      const call = startWith(pod, "main", { privileged: true });
      await expectRefused(arm, call, "INVALID_ARGUMENT", /privileged/);
      expect((await arm.cri.listContainers({})).containers).toEqual([]);
    }),

    scenario("supplemental groups come on top of the image's, or instead of them", async (arm) => {
      await using pod = await runPod(arm);
      const { Merge, Strict } = SupplementalGroupsPolicy;
      const groups = async (name: string, supplementalGroupsPolicy: SupplementalGroupsPolicy): Promise<string> => {
        const context = { runAsUser: { value: 1234n }, supplementalGroups: [5555n], supplementalGroupsPolicy };
        const container = await startWith(pod, name, context);
        const { supplementalGroups } = (await container.status()).user?.linux ?? {};
        const seen = (await container.sh("id -G")).trim().split(" ");
        expect(seen.toSorted()).toEqual(supplementalGroups?.map(String).toSorted());
        return seen
          .map(Number)
          .toSorted((a, b) => a - b)
          .join(" ");
      };
      expect(await groups("merge", Merge)).toBe("1234 2222 5555");
      expect(await groups("strict", Strict)).toBe("1234 5555");
    }),

    scenario(
      "sysctls of the pod's namespaces are set for its containers",
      async (arm) => {
        const sysctls = { "kernel.shm_rmid_forced": "1", "net.ipv4.ip_unprivileged_port_start": "80" };
        const securityContext = { namespaceOptions: { pid: NamespaceMode.CONTAINER } };
        await using pod = await runPod(arm, { config: { linux: { sysctls, securityContext } } });
        const container = await pod.start();
        const paths = Object.keys(sysctls).map((key) => `/proc/sys/${key.replaceAll(".", "/")}`);
        expect(await container.sh(`cat ${paths.join(" ")}`)).toBe("1\n80\n");
      },
      needsKernel,
    ),

    scenario(
      "a pod in the host's PID namespace sees the host's processes",
      async (arm) => {
        const securityContext = { namespaceOptions: { pid: NamespaceMode.NODE } };
        await using pod = await runPod(arm, { config: { linux: { securityContext } } });
        const container = await pod.start({ config: { linux: { securityContext } } });
        expect(await container.sh(`tr '\\0' ' ' </proc/${process.pid}/cmdline`)).toContain("node");
      },
      needsKernel,
    ),
  ],
};
