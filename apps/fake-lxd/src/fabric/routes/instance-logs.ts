import { badRequest, failure, notFound, within } from "../../kernel/errors.ts";
import { rootRequestor } from "../../kernel/events.ts";
import { checkInstanceName } from "../../kernel/instances/names.ts";
import { LogStore } from "../../kernel/logs.ts";
import { keyOf, urlOf } from "../../kernel/world.ts";
import { raw, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import { instanceOf } from "./operate.ts";
import type { Route } from "../router.ts";

const readable = /^(lxc\.log|lxc\.conf|qemu\..*|migration_.*|snapshot_.*|exec_.*)$/;

/** The directory of an instance that exists. */
function directoryOf(request: ApiRequest): string {
  const name = request.param("name");
  const { project } = request;
  checkInstanceName(name);
  if (!request.daemon.world.instances.has(keyOf(project, name))) {
    throw within(
      `Failed to fetch instance ${JSON.stringify(name)} in project ${JSON.stringify(project)}`,
      notFound("Instance not found"),
    );
  }
  return LogStore.directoryOf(project, name);
}

function fileOf(request: ApiRequest): string {
  const file = request.param("file");
  if (!readable.test(file)) throw badRequest(`log file name ${file} not valid`);
  return file;
}

function announce(request: ApiRequest, action: string): void {
  const [path = "", query] = urlOf("instances", request.param("name"), request.project).split("?");
  // LXD 5.0 names the wrong collection here.
  const source = `${path}/backups/${request.param("file")}${query === undefined ? "" : `?${query}`}`;
  request.daemon.events.lifecycle(request.project, { action, source, requestor: rootRequestor });
}

const pathOf = (request: ApiRequest, directory: string) =>
  `${request.daemon.world.directory}/logs/${directory}/${request.param("file")}`;

function readLog(request: ApiRequest): Reply {
  const directory = directoryOf(request);
  const content = request.daemon.world.logs.read(directory, fileOf(request));
  announce(request, "instance-log-retrieved");
  if (content === null) throw failure(`open ${pathOf(request, directory)}: no such file or directory`);
  const name = request.param("file");
  return raw(content, {
    "content-type": "application/octet-stream",
    "content-disposition": `inline;filename=${name}`,
  });
}

function deleteLog(request: ApiRequest): Reply {
  const directory = directoryOf(request);
  const file = fileOf(request);
  if (file === "lxc.log" || file === "lxc.conf") throw badRequest("lxc.log and lxc.conf may not be deleted");
  if (request.daemon.world.logs.read(directory, file) === null) {
    throw notFound(`remove ${pathOf(request, directory)}: no such file or directory`);
  }
  request.daemon.world.logs.remove(directory, file);
  announce(request, "instance-log-deleted");
  return sync();
}

export const instanceLogRoutes: Route[] = [
  {
    path: "/1.0/(?:instances|containers)/{name}/logs",
    GET: (request) => {
      const directory = LogStore.directoryOf(request.project, instanceOf(request).name);
      const files = request.daemon.world.logs.list(directory).filter((file) => readable.test(file));
      return sync(files.map((file) => `/1.0/instances/${request.param("name")}/logs/${file}`));
    },
  },
  { path: "/1.0/(?:instances|containers)/{name}/logs/{file}", GET: readLog, DELETE: deleteLog },
];
