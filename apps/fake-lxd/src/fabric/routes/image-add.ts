/** `POST /1.0/images` in its many forms: one file, two files, a download, an instance, a promise. */
import { isTrue } from "../../kernel/config/validators.ts";
import { failure } from "../../kernel/errors.ts";
import { addAlias } from "../../kernel/images/aliases.ts";
import { addImage, type NewImage } from "../../kernel/images/images.ts";
import { parseMultipart } from "../../kernel/images/multipart.ts";
import { packImage } from "../../kernel/images/publish.ts";
import { pullImage } from "../../kernel/images/pull.ts";
import type { Operation } from "../../kernel/operations.ts";
import type { ImageRecord } from "../../kernel/records.ts";
import { zeroTime } from "../../kernel/time.ts";
import { randomHex } from "../../platform/seeded.ts";
import { config, flag, list, object, text } from "../go-json.ts";
import { accepted, type Reply } from "../reply.ts";
import type { ApiRequest } from "../request.ts";

const imagesPost = object("ImagesPost", {
  aliases: list(object("ImageAlias", { name: text, description: text })),
  auto_update: flag,
  expires_at: text,
  filename: text,
  properties: config,
  public: flag,
  source: object("ImagesPostSource", {
    alias: text,
    certificate: text,
    fingerprint: text,
    mode: text,
    name: text,
    protocol: text,
    secret: text,
    server: text,
    type: text,
  }),
});

type ImagesPost = ReturnType<typeof imagesPost.zero>;

function download(request: ApiRequest, work: (operation: Operation) => Promise<ImageRecord>): Reply {
  const operation = request.daemon.operations.create({
    project: request.project,
    class: "task",
    description: "Downloading image",
    resources: null,
    run: async (running) => {
      const image = await work(running);
      const size = image.files.metadata.length + (image.files.rootfs?.length ?? 0);
      running.metadata = { ...running.metadata, fingerprint: image.fingerprint, size: String(size) };
    },
  });
  return accepted(operation);
}

/** Fingerprint and size are known, and shown, even when the image turns out to be there already. */
function reporter(operation: Operation): Pick<NewImage, "onFingerprint"> {
  return {
    onFingerprint: (fingerprint, size) => {
      operation.metadata = { ...operation.metadata, fingerprint, size: String(size) };
    },
  };
}

function upload(request: ApiRequest): Reply {
  const type = request.header("content-type") ?? "";
  const fingerprint = request.header("x-lxd-fingerprint");
  const common = {
    project: request.daemon.world.owner(request.project, "images"),
    public: isTrue(request.header("x-lxd-public")),
    properties: Object.fromEntries(new URLSearchParams(request.header("x-lxd-properties") ?? "")),
    ...(fingerprint !== undefined && { fingerprint }),
  };
  return download(request, async (operation) => {
    if (!type.startsWith("multipart/form-data")) {
      const filename = request.header("x-lxd-filename") ?? "";
      return await addImage(request.daemon, { ...common, ...reporter(operation), metadata: request.body, filename });
    }
    const [metadata, rootfs] = parseMultipart(request.body, type);
    const isImage = metadata?.name === "metadata" && (rootfs?.name === "rootfs" || rootfs?.name === "rootfs.img");
    if (!isImage || metadata === undefined || rootfs === undefined) throw failure("Invalid multipart image");
    if (rootfs.name === "rootfs.img") throw failure("Virtual machine images cannot be stored by fake-lxd");
    return await addImage(request.daemon, {
      ...common,
      ...reporter(operation),
      metadata: metadata.content,
      rootfs: rootfs.content,
      rootfsName: rootfs.name,
      filename: rootfs.filename,
    });
  });
}

function addAliases(request: ApiRequest, image: ImageRecord, body: ImagesPost): ImageRecord {
  for (const { name, description } of body.aliases) addAlias(request.daemon, image, name, description);
  return image;
}

function pull(request: ApiRequest, body: ImagesPost): Reply {
  const { daemon, project } = request;
  return download(request, async () => {
    const wanted = { ...body, ...body.source, autoUpdate: body.auto_update, cached: false };
    return addAliases(request, await pullImage(daemon, project, wanted), body);
  });
}

/** A secret with which another server may send the image. */
function announceUpload(request: ApiRequest, body: ImagesPost): Reply {
  const operation = request.daemon.operations.create({
    project: request.project,
    class: "token",
    description: "Image download token",
    resources: { images: ["/1.0/images/"] },
    metadata: {
      aliases: body.aliases.length === 0 ? null : body.aliases,
      expires_at: body.expires_at || zeroTime,
      properties: Object.keys(body.properties).length === 0 ? null : body.properties,
      public: body.public,
      secret: randomHex(request.daemon.world.random, 64),
    },
  });
  return accepted(operation);
}

function publish(request: ApiRequest, body: ImagesPost): Reply {
  const { daemon, project } = request;
  const instance = daemon.world.instance(project, body.source.name);
  return download(request, async (operation) => {
    if (instance.rootfs === null) throw failure("The instance has no root file system");
    const { properties } = instance.metadata as { properties?: Record<string, string> };
    const archive = await daemon.guard(
      packImage(instance.rootfs.entries(), {
        architecture: instance.architecture,
        creationMs: daemon.world.clock.now(),
        properties: Object.keys(body.properties).length > 0 ? body.properties : (properties ?? {}),
      }),
    );
    const image = await addImage(daemon, {
      ...reporter(operation),
      project: daemon.world.owner(project, "images"),
      metadata: archive,
      filename: body.filename,
      public: body.public,
      properties: {},
      expiresAt: body.expires_at || zeroTime,
    });
    return addAliases(request, image, body);
  });
}

export function addImages(request: ApiRequest): Reply {
  const first = request.body.toString("latin1", 0, 64).trimStart()[0];
  if (first !== "{") return upload(request);
  const body = request.json(imagesPost);
  switch (body.source.type) {
    case "image":
      return body.source.mode === "push" ? announceUpload(request, body) : pull(request, body);
    case "container":
    case "instance":
      return publish(request, body);
    default:
      throw failure("Invalid images JSON");
  }
}
