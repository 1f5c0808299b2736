import { failure } from "../../kernel/errors.ts";
import { attachConsole } from "../../kernel/exec/console.ts";
import { execInstance } from "../../kernel/exec/exec.ts";
import { logDirectory } from "../../kernel/instances/lxc-config.ts";
import { instanceUrl } from "../../kernel/instances/view.ts";
import { accepted, raw, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";
import { consolePost, execPost } from "./instance-bodies.ts";
import { instanceOf } from "./operate.ts";

async function exec(request: ApiRequest): Promise<Reply> {
  const body = request.jsonWhole(execPost);
  const instance = instanceOf(request);
  const operation = await execInstance(request.daemon, instance, {
    command: body.command,
    environment: body.environment,
    waitForWebsocket: body["wait-for-websocket"],
    recordOutput: body["record-output"],
    interactive: body.interactive,
    width: body.width,
    height: body.height,
    user: body.user,
    group: body.group,
    cwd: body.cwd,
  });
  return accepted(operation);
}

/** The ring buffer of a running instance, the log file of a stopped one. */
function readConsole(request: ApiRequest): Reply {
  const instance = instanceOf(request);
  const { machine } = instance;
  const content = machine === null ? instance.lastConsole : (machine.console?.read() ?? null);
  if (content === null) {
    throw failure(`open ${logDirectory(request.daemon.world, instance)}/console.log: no such file or directory`);
  }
  // A quirk of 5.0: an empty ring reads as a file without a name.
  if (machine !== null && content.length === 0) throw failure("open : no such file or directory");
  request.daemon.events.lifecycle(instance.project, {
    action: "instance-console-retrieved",
    source: instanceUrl(instance),
  });
  return raw(content, { "content-type": "application/octet-stream" });
}

export const instanceExecRoutes: Route[] = [
  { path: "/1.0/(?:instances|containers)/{name}/exec", POST: exec },
  {
    path: "/1.0/(?:instances|containers)/{name}/console",
    GET: readConsole,
    POST: (request) => {
      const instance = instanceOf(request);
      return accepted(attachConsole(request.daemon, instance, request.json(consolePost)));
    },
    DELETE: (request) => {
      const instance = instanceOf(request);
      instance.machine?.console?.clear();
      instance.lastConsole = null;
      request.daemon.events.lifecycle(instance.project, {
        action: "instance-console-reset",
        source: instanceUrl(instance),
      });
      return sync();
    },
  },
];
