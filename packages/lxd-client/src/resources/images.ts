import type { WriteOptions } from "../api/options.ts";
import type { ImageResult, ImagesApi } from "../api/images.ts";
import type { Context } from "../context.ts";
import { modify } from "../operations/modify.ts";
import { change, operate, start } from "../operations/run.ts";
import type { Image, ImagePut } from "../schema/image.ts";
import { ifMatch, path, readList, readOne } from "./access.ts";
import { imageAliasesResource } from "./image-aliases.ts";
import { exportImage } from "./image-export.ts";
import { imageResult } from "./image-result.ts";
import { uploadImage } from "./image-upload.ts";

const at = (fingerprint: string) => path("images", fingerprint);

export function imagesResource(context: Context): ImagesApi {
  const { rest } = context;
  const get: ImagesApi["get"] = (fingerprint, options) =>
    readOne<Image>(rest, { path: at(fingerprint) }, "fingerprint", options);

  const update: ImagesApi["update"] = async (fingerprint, body, options) => {
    await change(context, { method: "PUT", path: at(fingerprint), body, headers: ifMatch(options) }, options);
  };

  const copy: ImagesApi["copy"] = async (body, options): Promise<ImageResult> => {
    const source = { ...body.source, type: "image", mode: "pull" };
    const request = { method: "POST", path: path("images"), body: { ...body, source } } as const;
    const started = await start(context, request, options);
    return imageResult("POST /1.0/images", await context.tracker.waitEnd(started, options));
  };

  return {
    aliases: imageAliasesResource(context),
    get,
    update,
    copy,
    list: (options) => readList<Image>(rest, { path: path("images") }, "fingerprint", options),
    upload: (image, options) => uploadImage(context, image, options),
    modify: (fingerprint, edit, options) =>
      modify(
        context,
        {
          read: (reading) => get(fingerprint, reading),
          change: (image) => edit(writable(image), image),
          write: (body: ImagePut, writing: WriteOptions) => update(fingerprint, body, writing),
        },
        options,
      ),
    async patch(fingerprint, body, options) {
      await change(context, { method: "PATCH", path: at(fingerprint), body, headers: ifMatch(options) }, options);
    },
    delete: (fingerprint, options) => operate(context, { method: "DELETE", path: at(fingerprint) }, options),
    export: (fingerprint, options) => exportImage(rest, fingerprint, options),
  };
}

function writable(image: Image): Required<ImagePut> {
  const { properties, public: isPublic, auto_update, profiles, expires_at } = image;
  return structuredClone({ properties, public: isPublic, auto_update, profiles, expires_at });
}
