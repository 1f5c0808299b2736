/** All RPCs that lxe answers, by name. Those that are not here answer Unimplemented. */

import { type CallContext, type CriHandlers, UnavailableError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { createContainer } from "./container-create.ts";
import { attach } from "./container-attach.ts";
import { exec } from "./container-exec.ts";
import { execSync } from "./container-exec-sync.ts";
import { listContainers, streamContainers } from "./container-list.ts";
import { reopenContainerLog } from "./container-log-reopen.ts";
import { removeContainer } from "./container-remove.ts";
import { startContainer } from "./container-start.ts";
import { containerStatus } from "./container-status.ts";
import { stopContainer } from "./container-stop.ts";
import { updateContainerResources } from "./container-update-resources.ts";
import { imageFsInfo } from "./image-fs-info.ts";
import { listImages, streamImages } from "./image-list.ts";
import { pullImage } from "./image-pull.ts";
import { removeImage } from "./image-remove.ts";
import { imageStatus } from "./image-status.ts";
import { runtimeConfig, updateRuntimeConfig } from "./runtime-config.ts";
import { status } from "./runtime-status.ts";
import { version } from "./runtime-version.ts";
import { listPodSandbox, streamPodSandboxes } from "./sandbox-list.ts";
import { portForward } from "./sandbox-port-forward.ts";
import { removePodSandbox } from "./sandbox-remove.ts";
import { runPodSandbox } from "./sandbox-run.ts";
import { podSandboxStatus } from "./sandbox-status.ts";
import { stopPodSandbox } from "./sandbox-stop.ts";
import { updatePodSandboxResources } from "./sandbox-update-resources.ts";

type Unary<Req, Res> = (context: Context, request: Req, call: CallContext) => Promise<Res>;
type Streaming<Req, Res> = (context: Context, request: Req, call: CallContext) => AsyncIterable<Res>;

/** `problem` says why the index cannot be believed yet, undefined when it can: until then nothing is answered from it. */
export function rpcHandlers(context: Context, problem: () => string | undefined): CriHandlers {
  const check = (): void => {
    const reason = problem();
    if (reason !== undefined) throw new UnavailableError(`lxe is not ready: ${reason}`);
  };
  const always =
    <Req, Res>(rpc: Unary<Req, Res>) =>
    (request: Req, call: CallContext): Promise<Res> =>
      rpc(context, request, call);
  const ready =
    <Req, Res>(rpc: Unary<Req, Res>) =>
    async (request: Req, call: CallContext): Promise<Res> => {
      check();
      return rpc(context, request, call);
    };
  const stream = <Req, Res>(rpc: Streaming<Req, Res>) =>
    async function* (request: Req, call: CallContext): AsyncGenerator<Res> {
      check();
      yield* rpc(context, request, call);
    };
  return {
    version: always(version),
    status: always(status),
    runtimeConfig: always(runtimeConfig),
    updateRuntimeConfig: always(updateRuntimeConfig),
    runPodSandbox: ready(runPodSandbox),
    stopPodSandbox: ready(stopPodSandbox),
    removePodSandbox: ready(removePodSandbox),
    podSandboxStatus: ready(podSandboxStatus),
    listPodSandbox: ready(listPodSandbox),
    streamPodSandboxes: stream(streamPodSandboxes),
    updatePodSandboxResources: ready(updatePodSandboxResources),
    createContainer: ready(createContainer),
    startContainer: ready(startContainer),
    stopContainer: ready(stopContainer),
    removeContainer: ready(removeContainer),
    listContainers: ready(listContainers),
    streamContainers: stream(streamContainers),
    containerStatus: ready(containerStatus),
    updateContainerResources: ready(updateContainerResources),
    execSync: ready(execSync),
    exec: ready(exec),
    attach: ready(attach),
    portForward: ready(portForward),
    reopenContainerLog: ready(reopenContainerLog),
    listImages: ready(listImages),
    streamImages: stream(streamImages),
    imageStatus: ready(imageStatus),
    pullImage: ready(pullImage),
    removeImage: ready(removeImage),
    imageFsInfo: ready(imageFsInfo),
  };
}
