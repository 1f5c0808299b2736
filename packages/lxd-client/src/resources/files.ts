/** Files inside instances. Owner and kind travel in headers. */
import type { Readable } from "node:stream";
import type { FileOwner, FilePut, FilesApi, InstanceFileEntry } from "../api/files.ts";
import type { CallOptions } from "../api/options.ts";
import type { Context } from "../context.ts";
import { LxdError } from "../errors.ts";
import { type Flavor, flavoredHeader } from "../flavor.ts";
import { change } from "../operations/run.ts";
import { errorFromTransport } from "../transport/classify.ts";
import { asStrings, isObject } from "../transport/expect.ts";
import type { HttpHeaders, HttpReply } from "../transport/http.ts";
import { path } from "./access.ts";

const at = (instance: string, file: string) => ({
  path: path("instances", instance, "files"),
  query: { path: file },
});

export function filesResource(context: Context): FilesApi {
  const get: FilesApi["get"] = async (instance, file, options) => {
    const request = { method: "GET", ...at(instance, file) } as const;
    return toEntry(await context.rest.download(request, options), `GET ${request.path}`, options);
  };

  return {
    get,
    async list(instance, file, options) {
      const entry = await get(instance, file, options);
      if (entry.type === "directory") return entry.entries;
      if (entry.type === "file") entry.content.destroy();
      throw new LxdError("invalid", `${file} in ${instance} is a ${entry.type}`);
    },
    async put(instance, file, put, options) {
      const { flavor } = await context.info(options);
      const headers = headersOf(flavor, put);
      const content = toContent(put.content);
      await context.rest.upload({ method: "POST", ...at(instance, file), headers, content }, options);
    },
    async delete(instance, file, options) {
      await change(context, { method: "DELETE", ...at(instance, file) }, options);
    },
  };
}

function toContent(content: FilePut["content"]): Uint8Array | Readable | undefined {
  return typeof content === "string" ? Buffer.from(content) : content;
}

function headersOf({ headerPrefix }: Flavor, put: FilePut): Record<string, string> {
  const values: Record<string, string | undefined> = {
    uid: put.uid?.toString(),
    gid: put.gid?.toString(),
    mode: put.mode === undefined ? undefined : `0${put.mode.toString(8)}`,
    type: put.type ?? "file",
    write: put.append === true ? "append" : "overwrite",
  };
  const headers: Record<string, string> = { "content-type": "application/octet-stream" };
  for (const [name, value] of Object.entries(values)) if (value !== undefined) headers[headerPrefix + name] = value;
  return headers;
}

async function toEntry(reply: HttpReply, label: string, options: CallOptions | undefined): Promise<InstanceFileEntry> {
  const owner = ownerOf(reply.headers);
  switch (flavoredHeader(reply.headers, "type")) {
    case "directory":
      return { type: "directory", ...owner, entries: entriesOf(label, await textOf(reply, label, options)) };
    case "symlink":
      return { type: "symlink", ...owner, target: (await textOf(reply, label, options)).trimEnd() };
    default:
      return { type: "file", ...owner, content: reply.body };
  }
}

function ownerOf(headers: HttpHeaders): FileOwner {
  const number = (name: string, radix: number) => Number.parseInt(flavoredHeader(headers, name) ?? "0", radix);
  return { uid: number("uid", 10), gid: number("gid", 10), mode: number("mode", 8) & 0o7777 };
}

function entriesOf(label: string, text: string): string[] {
  try {
    const envelope: unknown = JSON.parse(text);
    if (isObject(envelope)) return asStrings(label, envelope["metadata"]);
  } catch (cause) {
    throw new LxdError("protocol", `${label}: the answer is not a directory listing`, { request: label, cause });
  }
  throw new LxdError("protocol", `${label}: the answer is not a directory listing`, { request: label });
}

async function textOf(reply: HttpReply, label: string, options: CallOptions | undefined): Promise<string> {
  try {
    return await reply.body.text();
  } catch (cause) {
    throw errorFromTransport(label, cause, options?.signal);
  }
}
