/** Files inside instances: running ones as their processes see them, stopped ones without mounts. */
import { posix } from "node:path";
import type { FileStat, FileView, GuestFileError } from "../../guest/types.ts";
import { badRequest, failure, LxdFailure, notFound } from "../../kernel/errors.ts";
import { instanceUrl } from "../../kernel/instances/view.ts";
import { LogStore } from "../../kernel/logs.ts";
import type { InstanceRecord } from "../../kernel/records.ts";
import { raw, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
import { instanceOf } from "./operate.ts";

interface Target {
  instance: InstanceRecord;
  files: FileView;
  path: string;
}

function targetOf(request: ApiRequest): Target {
  const instance = instanceOf(request);
  const path = request.query.get("path");
  if (path === null || path === "") throw badRequest("Missing path argument");
  const files = instance.machine?.guest.running ? instance.machine.guest.files : instance.rootfs;
  if (files === null) {
    const place = LogStore.directoryOf(instance.project, instance.name);
    throw failure(`open ${request.daemon.world.directory}/containers/${place}/rootfs: no such file or directory`);
  }
  return { instance, files, path: posix.normalize(`/${path}`).replace(/(.)\/$/, "$1") };
}

/** sftp's words for what the file system says. */
function asLxdFailure(error: unknown, verb: string, path: string): unknown {
  const { code } = error as Partial<GuestFileError>;
  if (code === undefined || error instanceof LxdFailure) return error;
  // a link below a file is told apart from no other path that is not there
  if (code === "ENOENT" || (code === "ENOTDIR" && verb === "symlink")) return notFound("Not Found");
  if (code === "EACCES") return new LxdFailure(403, "Forbidden");
  const reasons: Record<string, string> = {
    ENOTDIR: "not a directory",
    ENOTEMPTY: "directory not empty",
    EEXIST: "file exists",
    EROFS: "read-only file system",
    ENOSPC: "no space left on device",
    EISDIR: "is a directory",
    EBUSY: "device or resource busy",
  };
  return failure(`sftp: "${verb} ${path}: ${reasons[code] ?? code}" (SSH_FX_FAILURE)`);
}

const goTime = (milliseconds: number) =>
  `${new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;

function statHeaders(stat: FileStat): Record<string, string> {
  const type = stat.type === "directory" || stat.type === "symlink" ? stat.type : "file";
  return {
    "x-lxd-gid": String(stat.gid),
    "x-lxd-mode": `0${(stat.mode & 0o777).toString(8).padStart(3, "0")}`,
    "x-lxd-modified": goTime(stat.mtimeMs),
    "x-lxd-type": type,
    "x-lxd-uid": String(stat.uid),
  };
}

async function statOf({ files, path }: Target): Promise<FileStat> {
  const stat = await files.lstat(path);
  if (stat !== null) return stat;
  if (await isBelowFile(files, path)) throw asLxdFailure({ code: "ENOTDIR" }, "lstat", path);
  throw notFound("Not Found");
}

/** The nearest of its parents that is there is a file. */
async function isBelowFile(files: Target["files"], path: string): Promise<boolean> {
  for (let parent = posix.dirname(path); parent !== "/"; parent = posix.dirname(parent)) {
    const stat = await files.lstat(parent);
    if (stat !== null) return stat.type === "file";
  }
  return false;
}

function announce(request: ApiRequest, target: Target, action: string): void {
  request.daemon.events.lifecycle(target.instance.project, {
    action,
    source: instanceUrl(target.instance),
    context: { path: target.path },
  });
}

async function headFile(request: ApiRequest): Promise<Reply> {
  return raw("", { "content-type": "application/json", ...statHeaders(await statOf(targetOf(request))) });
}

async function getFile(request: ApiRequest): Promise<Reply> {
  const target = targetOf(request);
  const { files, path } = target;
  const stat = await statOf(target);
  announce(request, target, "instance-file-retrieved");
  const headers = statHeaders(stat);
  if (stat.type === "directory") {
    const reply = sync((await files.list(path)).toSorted());
    return { ...reply, headers: { ...reply.headers, ...headers } };
  }
  const content = stat.type === "symlink" ? Buffer.from(await files.readLink(path)) : await files.readFile(path);
  return raw(content, {
    ...headers,
    "accept-ranges": "bytes",
    "content-disposition": `inline;filename=${posix.basename(path)}`,
    "content-type": "application/octet-stream",
    "last-modified": new Date(stat.mtimeMs).toUTCString(),
  });
}

function attributesOf(request: ApiRequest, isDirectory: boolean) {
  const number = (name: string, radix: number, fallback: number) => {
    const value = Number.parseInt(request.header(name) ?? "", radix);
    return Number.isNaN(value) || value < 0 ? fallback : value;
  };
  // one that cannot be read is another than none
  const fileMode = request.header("x-lxd-mode") === undefined ? 0o640 : 0o644;
  const defaultMode = isDirectory ? 0o750 : fileMode;
  return {
    mode: number("x-lxd-mode", 8, defaultMode) & 0o7777,
    uid: number("x-lxd-uid", 10, 0),
    gid: number("x-lxd-gid", 10, 0),
  };
}

async function writeFile(request: ApiRequest, { files, path }: Target): Promise<void> {
  const mode = request.header("x-lxd-write") ?? "overwrite";
  if (mode !== "overwrite" && mode !== "append") throw badRequest(`Bad file write mode: ${mode}`);
  if (mode === "append" && (await files.lstat(path)) === null && !(await isBelowFile(files, path))) {
    throw notFound("Not Found");
  }
  await files.writeFile(path, request.body, { ...attributesOf(request, false), append: mode === "append" });
}

async function makeLink(request: ApiRequest, { files, path }: Target): Promise<void> {
  const content = request.body.toString();
  if ((await files.lstat(path)) !== null) {
    throw failure(`sftp: ${JSON.stringify(`symlink ${content} ${path}: file exists`)} (SSH_FX_FAILURE)`);
  }
  await files.symlink(content, path, attributesOf(request, false));
}

async function postFile(request: ApiRequest): Promise<Reply> {
  const target = targetOf(request);
  const type = request.header("x-lxd-type") ?? "file";
  if (type === "file") await writeFile(request, target);
  else if (type === "symlink") await makeLink(request, target);
  else if (type !== "directory") throw badRequest(`Bad file type: ${type}`);
  // one that is there already is no news
  else if ((await target.files.lstat(target.path)) !== null) return sync();
  else await target.files.mkdir(target.path, attributesOf(request, true));
  announce(request, target, "instance-file-pushed");
  return sync();
}

async function deleteFile(request: ApiRequest): Promise<Reply> {
  const target = targetOf(request);
  await target.files.remove(target.path);
  announce(request, target, "instance-file-deleted");
  return sync();
}

/** What a POST asks of the file system. */
const postVerb = (request: ApiRequest) =>
  ({ directory: "mkdir", symlink: "symlink" })[request.header("x-lxd-type") ?? ""] ?? "open";

function translated(
  verb: string | ((request: ApiRequest) => string),
  handler: (request: ApiRequest) => Promise<Reply>,
) {
  return async (request: ApiRequest): Promise<Reply> => {
    try {
      return await handler(request);
    } catch (error) {
      throw asLxdFailure(error, typeof verb === "string" ? verb : verb(request), request.query.get("path") ?? "");
    }
  };
}

export const instanceFileRoutes: Route[] = [
  {
    path: "/1.0/(?:instances|containers)/{name}/files",
    GET: translated("open", getFile),
    HEAD: translated("stat", headFile),
    POST: translated(postVerb, postFile),
    DELETE: translated("remove", deleteFile),
  },
];
