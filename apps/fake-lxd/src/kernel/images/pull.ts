/** Images from servers: simplestreams or another LXD. */
import type { Daemon } from "../daemon.ts";
import { failure } from "../errors.ts";
import type { Config, ImageRecord } from "../records.ts";
import { zeroTime } from "../time.ts";
import { keyOf } from "../world.ts";
import { addImage } from "./images.ts";
import { pullFromLxd } from "./lxd-remote.ts";
import type { RemoteImage } from "./remote.ts";
import { pullSimplestreams } from "./simplestreams.ts";

export interface PullRequest {
  server: string;
  protocol: string;
  alias: string;
  fingerprint: string;
  secret: string;
  certificate: string;
  autoUpdate: boolean;
  public: boolean;
  properties: Config;
  /** Pulled for an instance's sake, not asked for by itself. */
  cached: boolean;
}

async function download(daemon: Daemon, request: PullRequest): Promise<RemoteImage> {
  using controller = abortOnDeath(daemon);
  const options = { certificate: request.certificate, signal: controller.signal };
  switch (request.protocol) {
    case "simplestreams":
      return await daemon.guard(pullSimplestreams(request.server, request, daemon.world.architecture, options));
    case "lxd":
    case "":
      return await daemon.guard(pullFromLxd(request.server, request, options));
    default:
      throw failure(`Unsupported protocol: ${request.protocol}`);
  }
}

function abortOnDeath(daemon: Daemon): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const hook = daemon.onDeath(() => controller.abort());
  return { signal: controller.signal, [Symbol.dispose]: () => hook[Symbol.dispose]() };
}

/** An image that is there already is not stored again. */
export async function pullImage(daemon: Daemon, project: string, request: PullRequest): Promise<ImageRecord> {
  const { world } = daemon;
  const remote = await download(daemon, request);
  const owner = world.owner(project, "images");
  const existing = world.images.get(keyOf(owner, remote.fingerprint));
  if (existing !== undefined) {
    if (!request.cached) existing.cached = false;
    return existing;
  }
  return await addImage(daemon, {
    project: owner,
    metadata: remote.metadata,
    ...(remote.rootfs !== undefined && { rootfs: remote.rootfs }),
    filename: remote.filename,
    public: request.public,
    properties: { ...remote.properties, ...request.properties },
    fingerprint: remote.fingerprint,
    autoUpdate: request.autoUpdate,
    cached: request.cached,
    expiresAt: zeroTime,
    updateSource: {
      alias: request.alias,
      certificate: request.certificate,
      protocol: request.protocol || "lxd",
      server: request.server,
      image_type: "container",
    },
  });
}
