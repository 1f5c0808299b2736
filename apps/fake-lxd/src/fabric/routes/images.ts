import { failure } from "../../kernel/errors.ts";
import { deleteImage, announceImage, findImage, imageEtag, imagesOf, renderImage } from "../../kernel/images/images.ts";
import { extensionOf } from "../../kernel/images/archive.ts";
import { renderMultipart } from "../../kernel/images/multipart.ts";
import { badRequest, notFound, within } from "../../kernel/errors.ts";
import { withoutEmpty } from "../../kernel/instances/create.ts";
import type { ImageRecord } from "../../kernel/records.ts";
import { randomHex } from "../../platform/seeded.ts";
import { compileFilter } from "../filter.ts";
import { config, flag, list, maybe, object, text } from "../go-json.ts";
import { accepted, raw, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
import { addImages } from "./image-add.ts";

const imagePut = object("ImagePut", {
  auto_update: maybe(flag),
  expires_at: text,
  profiles: maybe(list(text)),
  properties: maybe(config),
  public: maybe(flag),
});

const imageOf = (request: ApiRequest) => findImage(request.daemon.world, request.project, request.param("fingerprint"));

function listImages(request: ApiRequest): Reply {
  const { world } = request.daemon;
  if (!world.projects.has(request.project)) {
    throw within("Check if project has images: fetch project", notFound("Project not found"));
  }
  const passes = compileFilter(request.query.get("filter"));
  const views = imagesOf(world, request.project)
    .map((image) => ({ image, view: renderImage(world, image) }))
    .filter(({ view }) => passes(view));
  if (request.recursion > 0) return sync(views.map(({ view }) => view));
  return sync(views.map(({ image }) => `/1.0/images/${image.fingerprint}`));
}

function changeImage(request: ApiRequest, keep: boolean): Reply {
  const { world } = request.daemon;
  const image = imageOf(request);
  request.checkEtag(imageEtag(image));
  const body = keep ? request.jsonMap(imagePut) : request.json(imagePut);
  // a PATCH leaves these and the expiry alone
  const profiles = keep ? undefined : body.profiles;
  const missing = profiles?.find((name) => world.profile(request.project, name) === undefined);
  if (missing !== undefined) throw badRequest(`Profile '${missing}' doesn't exist`);
  image.autoUpdate = body.auto_update ?? (keep ? image.autoUpdate : false);
  image.public = body.public ?? (keep ? image.public : false);
  image.properties = withoutEmpty(keep ? { ...image.properties, ...body.properties } : (body.properties ?? {}));
  if (profiles !== undefined) image.profiles = profiles;
  if (!keep && body.expires_at !== "") image.expiresAt = body.expires_at;
  announceImage(request.daemon, image, "image-updated");
  return sync();
}

function removeImage(request: ApiRequest): Reply {
  const image = imageOf(request);
  const operation = request.daemon.operations.create({
    project: image.project,
    class: "task",
    description: "Deleting image",
    resources: { images: [`/1.0/images/${image.fingerprint}`] },
    run: () => Promise.resolve(deleteImage(request.daemon, image)),
  });
  return accepted(operation);
}

function exportImage(request: ApiRequest): Reply {
  const image = imageOf(request);
  const { metadata, rootfs, rootfsName } = image.files;
  announceImage(request.daemon, image, "image-retrieved");
  if (rootfs === undefined) {
    return raw(metadata, {
      "content-type": "application/octet-stream",
      "content-disposition": `inline;filename=${image.fingerprint}${extensionOf(metadata)}`,
    });
  }
  const boundary = randomHex(request.daemon.world.random, 60);
  const { fingerprint } = image;
  const parts = [
    { name: "metadata", filename: `meta-${fingerprint}${extensionOf(metadata)}`, content: metadata },
    { name: rootfsName ?? "rootfs", filename: `${fingerprint}${extensionOf(rootfs)}`, content: rootfs },
  ];
  return raw(renderMultipart(parts, boundary), { "content-type": `multipart/form-data; boundary=${boundary}` });
}

function tokenFor(request: ApiRequest, image: ImageRecord): Reply {
  const operation = request.daemon.operations.create({
    project: image.project,
    class: "token",
    description: "Image download token",
    resources: { images: [`/1.0/images/${image.fingerprint}`] },
    metadata: { secret: randomHex(request.daemon.world.random, 64) },
  });
  return accepted(operation);
}

/** Nothing pulled changes at its source while the fake runs. */
function refreshImage(request: ApiRequest): Reply {
  const image = imageOf(request);
  const operation = request.daemon.operations.create({
    project: image.project,
    class: "task",
    description: "Refreshing image",
    resources: null,
    run: (running) => {
      const given = request.param("fingerprint");
      if (image.updateSource === undefined) {
        throw failure(`Failed to update image "${given}" in project "${image.project}": Image source not found`);
      }
      running.update({ refreshed: false });
      return Promise.resolve();
    },
  });
  return accepted(operation);
}

export const imageRoutes: Route[] = [
  { path: "/1.0/images", GET: listImages, POST: addImages },
  {
    path: "/1.0/images/{fingerprint}",
    GET: (request) => {
      const image = imageOf(request);
      return sync(renderImage(request.daemon.world, image), imageEtag(image));
    },
    PUT: (request) => changeImage(request, false),
    PATCH: (request) => changeImage(request, true),
    DELETE: removeImage,
  },
  { path: "/1.0/images/{fingerprint}/export", GET: exportImage },
  { path: "/1.0/images/{fingerprint}/secret", POST: (request) => tokenFor(request, imageOf(request)) },
  { path: "/1.0/images/{fingerprint}/refresh", POST: refreshImage },
];
