import type { CallOptions } from "../api/options.ts";
import type { ServerApi, ServerInfo } from "../api/server.ts";
import { flavorOf } from "../flavor.ts";
import type { Resources, Server } from "../schema/server.ts";
import { errorFromTransport } from "../transport/classify.ts";
import type { Rest } from "../transport/rest.ts";
import { path, readOne } from "./access.ts";

export interface ServerResource extends ServerApi {
  /** After a lost connection the server may be another version. */
  forget(): void;
}

export function serverResource(rest: Rest): ServerResource {
  let remembered: ServerInfo | undefined;

  async function get(options?: CallOptions): Promise<Server> {
    return (await readOne<Server>(rest, { path: "/1.0" }, "api_extensions", options)).value;
  }

  return {
    get,
    async info(options) {
      remembered ??= describe(await get(options));
      return remembered;
    },
    async resources(options) {
      return (await readOne<Resources>(rest, { path: path("resources") }, "cpu", options)).value;
    },
    async metrics(options) {
      const reply = await rest.download({ method: "GET", path: path("metrics") }, options);
      try {
        return await reply.body.text();
      } catch (cause) {
        throw errorFromTransport("GET /1.0/metrics", cause, options?.signal);
      }
    },
    forget() {
      remembered = undefined;
    },
  };
}

function describe(server: Server): ServerInfo {
  const extensions = new Set(server.api_extensions);
  return { server, flavor: flavorOf(server), has: (extension) => extensions.has(extension) };
}
