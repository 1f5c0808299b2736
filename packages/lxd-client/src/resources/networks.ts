import type { WriteOptions } from "../api/options.ts";
import type { NetworksApi } from "../api/networks.ts";
import type { Context } from "../context.ts";
import { modify } from "../operations/modify.ts";
import { change } from "../operations/run.ts";
import type { Network, NetworkLease, NetworkPut, NetworkState } from "../schema/network.ts";
import { ifMatch, path, readList, readOne } from "./access.ts";

const at = (...name: string[]) => path("networks", ...name);

export function networksResource(context: Context): NetworksApi {
  const { rest } = context;
  const get: NetworksApi["get"] = (name, options) => readOne<Network>(rest, { path: at(name) }, "name", options);

  const update: NetworksApi["update"] = async (name, body, options) => {
    await change(context, { method: "PUT", path: at(name), body, headers: ifMatch(options) }, options);
  };

  return {
    get,
    update,
    list: (options) => readList<Network>(rest, { path: at() }, "name", options),
    async create(body, options) {
      await change(context, { method: "POST", path: at(), body }, options);
    },
    modify: (name, edit, options) =>
      modify(
        context,
        {
          read: (reading) => get(name, reading),
          change: (network) => edit(writable(network), network),
          write: (body: NetworkPut, writing: WriteOptions) => update(name, body, writing),
        },
        options,
      ),
    async delete(name, options) {
      await change(context, { method: "DELETE", path: at(name) }, options);
    },
    async state(name, options) {
      return (await readOne<NetworkState>(rest, { path: at(name, "state") }, "state", options)).value;
    },
    leases: (name, options) => readList<NetworkLease>(rest, { path: at(name, "leases") }, "address", options),
  };
}

function writable({ config, description }: Network): Required<NetworkPut> {
  return structuredClone({ config, description });
}
