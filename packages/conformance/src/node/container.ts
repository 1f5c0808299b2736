/** A node in Docker, by testcontainers: LXD or Incus, and lxe, as `node/Dockerfile` has them. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from "testcontainers";
import { NODE_IMAGE_SCRIPT } from "../support/paths.ts";

const run = promisify(execFile);

/** Why there is no Docker here; undefined: there is. */
export async function noDockerReason(): Promise<string | undefined> {
  try {
    await run("docker", ["version"], { timeout: 20_000 });
    return undefined;
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return "Docker is not installed";
    return `Docker does not answer: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  }
}

/** The answer is the image's name. What it prints meanwhile is progress. */
export async function buildNodeImage(daemon: "lxd" | "incus", base: string | undefined): Promise<string> {
  const args = ["build", daemon, ...(base === undefined ? [] : [base])];
  const building = run(NODE_IMAGE_SCRIPT, args, { maxBuffer: 64 * 1024 * 1024 });
  building.child.stderr?.pipe(process.stderr);
  return (await building).stdout.trim();
}

/** With every capability, or with all but those that this machine does not have itself. */
export async function startNode(image: string): Promise<StartedTestContainer> {
  // its helper is an image of a registry; the node is ended by its caller, or by the next run
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  // it looks for an address where ports of containers could be reached; a node has none
  process.env["TESTCONTAINERS_HOST_OVERRIDE"] ??= "localhost";
  await removeAbandoned();
  return start(image, await isPrivilegedAllowed(image));
}

const LABEL = "org.lxe.conformance.node";

/** Nodes whose run was killed. */
async function removeAbandoned(): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  const found = await container.dockerode.listContainers({ all: true, filters: { label: [LABEL] } });
  for (const { Id, Labels } of found) {
    const owner = Number(Labels[LABEL]);
    if (!isRunning(owner)) await container.dockerode.getContainer(Id).remove({ force: true, v: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Docker refuses it where it lacks a capability itself. */
async function isPrivilegedAllowed(image: string): Promise<boolean> {
  const args = ["run", "--rm", "--privileged", "--network", "none", "--entrypoint", "true", image];
  return run("docker", args, { timeout: 60_000 }).then(
    () => true,
    () => false,
  );
}

/** Those of the kernel; Docker knows the last three from 20.10.22 or 23 on only, and nothing in a node needs them. */
const CAPABILITIES =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
  NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT
  SYS_NICE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
  AUDIT_READ`.split(/\s+/);

/** The kernel's log tells of OOM kills. */
const DEVICES = ["/dev/fuse", "/dev/net/tun", "/dev/kmsg"];

class NodeContainer extends GenericContainer {
  constructor(image: string, privileged: boolean) {
    super(image);
    this.withLabels({ [LABEL]: String(process.pid) })
      // pods have LXD's bridge within; nothing of the scenarios is further away
      .withNetworkMode("none")
      .withWaitStrategy(Wait.forLogMessage("the node is ready"))
      .withStartupTimeout(120_000);
    if (privileged) this.withPrivilegedMode();
    else this.withAddedCapabilities(...CAPABILITIES);
    Object.assign(this.hostConfig, {
      CgroupnsMode: "host",
      Binds: ["/sys/fs/cgroup:/sys/fs/cgroup:rw"],
      SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
      MaskedPaths: [],
      ReadonlyPaths: [],
      DeviceCgroupRules: ["a *:* rwm"],
      Devices: DEVICES.filter((path) => process.platform !== "linux" || existsSync(path)).map((path) => ({
        PathOnHost: path,
        PathInContainer: path,
        CgroupPermissions: "rwm",
      })),
    });
  }
}

const start = (image: string, privileged: boolean): Promise<StartedTestContainer> =>
  new NodeContainer(image, privileged).start();
