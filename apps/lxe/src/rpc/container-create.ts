/** CreateContainer: the container's files on the host and its instance, neither of them started. */

import {
  AlreadyExistsError,
  type CallContext,
  ContainerConfig,
  ContainerState,
  type CreateContainerRequest,
  type CreateContainerResponse,
  FailedPreconditionError,
  InvalidArgumentError,
  NamespaceMode,
  NotFoundError,
  UnimplementedError,
} from "@lxe/cri";
import { join } from "node:path";
import { isLxdError } from "@lxe/lxd-client";
import type { Context } from "../context.ts";
import type { ImageRecord } from "../images/types.ts";
import { hasTerminal, makeTerminal } from "../exec/app-terminal.ts";
import { inputKind, makeInput } from "../exec/input.ts";
import { type AppStreams, appProgram } from "../init/app.ts";
import { INSIDE } from "../init/inside.ts";
import { machineFor } from "../init/machine.ts";
import { lxcNameOf } from "../lxd-place.ts";
import { containerInstanceName, containerKey, newContainerId } from "../model/names.ts";
import { type ContainerFacts, type ContainerRecord, isReady, type SandboxRecord } from "../model/records.ts";
import { hostnameOf } from "../pod-files.ts";
import { seccompPolicy } from "../seccomp-policy.ts";
import { allCapabilities, keptCapabilities } from "../translate/capabilities.ts";
import { argvOf, environmentOf, workingDirOf } from "../translate/command.ts";
import {
  checkContainerConfig,
  containerInstance,
  containerProcess,
  type ContainerInput,
} from "../translate/container-instance.ts";
import { containerType } from "../translate/handlers.ts";
import type { MountSource } from "../translate/mounts.ts";
import { stopSignalName } from "../translate/signals.ts";
import { resolveUser } from "../translate/users.ts";

/** What LXD images with an init start as pid 1. */
const SYSTEM_INIT = ["/sbin/init"];

export async function createContainer(
  context: Context,
  { podSandboxId, config }: CreateContainerRequest,
  call: CallContext,
): Promise<CreateContainerResponse> {
  const found = context.index.sandbox(podSandboxId);
  return context.podLock.run(found.instance, async () => {
    const sandbox = context.index.sandbox(found.id);
    if (!isReady(sandbox)) throw new FailedPreconditionError(`pod sandbox ${sandbox.id} is not ready`);
    if (!config?.metadata) throw new InvalidArgumentError("config.metadata is missing");
    checkContainerConfig(config, sandbox);
    const key = containerKey(sandbox.id, config.metadata);
    const instance = containerInstanceName(sandbox.instance, config.metadata, key);
    // the rest of an earlier request that failed, which may be on its way out
    if (context.index.isWithheld(instance)) await context.orphans.removeUntold(instance);
    const existing = context.index.byInstance(instance);
    if (existing?.kind === "container") return { containerId: repeated(existing, config) };
    const id = newContainerId(key, context.random);
    await create(context, sandbox, { id, instance, config }, call.signal);
    return { containerId: id };
  });
}

/** The answer to the first request was lost: the same request gets it again. */
function repeated(existing: ContainerRecord, config: ContainerConfig): string {
  const same = Buffer.from(ContainerConfig.encode(existing.config).finish()).equals(
    ContainerConfig.encode(config).finish(),
  );
  if (same && existing.state === ContainerState.CONTAINER_CREATED) return existing.id;
  throw new AlreadyExistsError(`container ${config.metadata?.name} of this attempt exists in the pod: ${existing.id}`);
}

interface NewContainer {
  readonly id: string;
  readonly instance: string;
  readonly config: ContainerConfig;
}

async function create(
  context: Context,
  sandbox: SandboxRecord,
  container: NewContainer,
  signal: AbortSignal,
): Promise<void> {
  const { lxd, clock, paths, node, config: settings, reconciler } = context;
  const { config, instance } = container;
  const image = findImage(context, config);
  const sources = await Promise.all(config.mounts.map(({ hostPath }) => mountSource(context, hostPath)));
  const staged = sandbox.userns.kind === "host" ? {} : await unreachable(context, sources);
  const facts = { ...(await decide(context, sandbox, config, image, signal)), staged };
  const record = { ...container, sandboxId: sandbox.id, createdAt: clock.nowNs(), facts };
  const target = targetOf(context, sandbox, config);
  const input: ContainerInput = {
    record,
    sandbox,
    ...(target !== undefined && { target }),
    image,
    links: (await context.images.users(image, signal)).links,
    sources: sources.map((source, position) =>
      position in staged ? { ...source, path: join(paths.container(instance).mounts, String(position)) } : source,
    ),
    devices: await Promise.all(config.devices.map(({ hostPath }) => deviceSource(context, hostPath))),
    paths: paths.container(instance),
    podPaths: paths.pod(sandbox.instance),
    node: node.facts(),
    pidsLimit: settings.pidsLimit,
    lxcName: (name) => lxcNameOf(settings, name),
    seccomp: await seccompPolicy(context, config.linux?.securityContext),
    rootfs: await context.roots.linesFor(sandbox, instance),
  };
  const request = containerInstance(input);
  let asked = false;
  let created = false;
  context.index.withhold(instance, instance);
  try {
    await writeContainerFiles(context, record, image);
    asked = true;
    await lxd.instances.create(request, { signal });
    await reconciler.read(instance);
    created = true;
    context.index.release(instance);
  } finally {
    if (!created) await rollBack(context, sandbox, instance, asked);
  }
}

function findImage({ images }: Context, config: ContainerConfig): ImageRecord {
  const reference = config.image?.image ?? "";
  const image = images.resolve(reference);
  if (!image) throw new NotFoundError(`image ${JSON.stringify(reference)} not found: pull it first`);
  return image;
}

/** Everything about the container that is decided now and kept. */
async function decide(
  { images, node }: Context,
  sandbox: SandboxRecord,
  config: ContainerConfig,
  image: ImageRecord,
  signal: AbortSignal,
): Promise<Omit<ContainerFacts, "staged">> {
  const security = config.linux?.securityContext;
  const type = containerType({
    annotations: config.annotations,
    podAnnotations: sandbox.config.annotations,
    handler: sandbox.runtimeHandler,
    imageType: image.type,
    hasCommand: config.command.length + config.args.length > 0,
  });
  if (type === "system") checkSystem(config);
  const user = resolveUser(security, type === "system" ? "" : image.run.user, await images.users(image, signal));
  const capabilities = security?.privileged
    ? allCapabilities()
    : type === "app" || security?.capabilities
      ? keptCapabilities(security?.capabilities)
      : undefined;
  const { logDirectory } = sandbox.config;
  return {
    imageId: image.id,
    imageRef: image.repoDigests[0] ?? image.id,
    type,
    user: { uid: user.uid, gid: user.gid, groups: user.groups },
    env: [
      ...environmentOf({
        config,
        image: image.run,
        hostname: hostnameOf(sandbox.config, node.facts().hostname),
        home: user.home,
      }),
      // systemd asks for it to know where it runs
      ...(type === "system" ? ["container=lxc"] : []),
    ],
    cwd: workingDirOf(config, image.run),
    stopSignal: stopSignalName(config.stopSignal, image.run.stopSignal, type),
    logPath:
      logDirectory !== "" && config.logPath !== "" ? `${logDirectory.replace(/\/+$/, "")}/${config.logPath}` : "",
    architecture: image.architecture,
    ...(capabilities && { capabilities }),
  };
}

function checkSystem(config: ContainerConfig): void {
  if (config.linux?.securityContext?.readonlyRootfs) {
    throw new UnimplementedError("linux.security_context.readonly_rootfs: a system container's init needs to write");
  }
  if (config.command.length + config.args.length > 0) {
    throw new InvalidArgumentError(
      "command and args cannot be given to a system container: its pid 1 is the image's init",
    );
  }
}

function targetOf({ index }: Context, sandbox: SandboxRecord, config: ContainerConfig): string | undefined {
  const options = config.linux?.securityContext?.namespaceOptions;
  if (options?.pid !== NamespaceMode.TARGET) return undefined;
  const target = index.container(options.targetId);
  if (target.sandboxId !== sandbox.id)
    throw new InvalidArgumentError("namespace_options.target_id is a container of another pod");
  if (target.state !== ContainerState.CONTAINER_RUNNING)
    throw new FailedPreconditionError("namespace_options.target_id: the container does not run");
  return target.instance;
}

/** A host path that does not exist becomes a directory, as with every runtime. */
async function mountSource({ files }: Context, hostPath: string): Promise<MountSource> {
  const found = await files.resolve(hostPath);
  if (found) return { path: found.path, kind: found.kind === "directory" ? "directory" : "file" };
  await files.makeDirectory(hostPath, 0o755);
  return { path: hostPath, kind: "directory" };
}

async function unreachable({ mounts }: Context, sources: readonly MountSource[]): Promise<Record<number, string>> {
  const entries = await Promise.all(
    sources.map(async ({ path }, position) => ((await mounts.isReachable(path)) ? [] : [[position, path] as const])),
  );
  return Object.fromEntries(entries.flat());
}

async function deviceSource({ files }: Context, hostPath: string): Promise<{ path: string; kind: "char" | "block" }> {
  const found = await files.resolve(hostPath);
  if (!found) throw new InvalidArgumentError(`devices.host_path does not exist: ${JSON.stringify(hostPath)}`);
  if (found.kind !== "char" && found.kind !== "block") {
    throw new UnimplementedError(`devices.host_path is no device: ${JSON.stringify(hostPath)}`);
  }
  return { path: found.path, kind: found.kind };
}

async function writeContainerFiles(
  { files, paths }: Context,
  record: Pick<ContainerRecord, "instance" | "config" | "facts">,
  image: ImageRecord,
): Promise<void> {
  const { directory, init, stdout, stderr } = paths.container(record.instance);
  const machine = machineFor(record.facts.architecture);
  if (!machine)
    throw new UnimplementedError(`images for ${record.facts.architecture} cannot be run: lxe knows x86_64 and aarch64`);
  const { type, user } = record.facts;
  const argv = type === "system" ? SYSTEM_INIT : argvOf(record.config, image.run);
  await files.makeDirectory(paths.containers, 0o711);
  await files.makeDirectory(directory, 0o711);
  const program = appProgram(machine, { ...containerProcess(record, argv), streams: streamsOf(record) });
  await files.writeFile(init, program, { mode: 0o700 });
  await makeInput({ paths }, record);
  await makeTerminal({ paths }, record);
  // the app may open /dev/stdout again, as itself
  const output = { mode: 0o600, ...(user.uid !== 0 && { owner: { uid: user.uid, gid: user.gid } }) };
  await files.writeFile(stdout, "", output);
  await files.writeFile(stderr, "", output);
}

function streamsOf(record: Pick<ContainerRecord, "config" | "facts">): AppStreams {
  if (record.facts.type === "system") return { kind: "inherited" };
  if (hasTerminal(record)) return { kind: "terminal" };
  const input = inputKind(record);
  return {
    kind: "files",
    stdin: input === "none" ? "/dev/null" : `${INSIDE}/stdin`,
    stdinStaysOpen: input === "open",
  };
}

/** Unless LXD was `asked` for the instance there is nothing of it to delete: a request that LXD is late with would end the next one of its name. */
async function rollBack(
  { lxd, log, files, paths, reconciler, orphans, index }: Context,
  sandbox: SandboxRecord,
  instance: string,
  asked: boolean,
): Promise<void> {
  try {
    if (asked) {
      await lxd.instances.delete(instance).catch((error: unknown) => {
        if (!isLxdError(error, "not-found")) throw error;
      });
    }
    await files.removeTree(paths.container(instance).directory);
    await reconciler.read(instance);
    index.release(instance);
  } catch (error) {
    log.warn({ err: error, instance }, "a container that could not be created is not removed yet");
    orphans.check(instance, sandbox.instance);
  }
}
