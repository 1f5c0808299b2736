import type { Flavor } from "../flavor.ts";
import type { Resources, Server } from "../schema/server.ts";
import type { CallOptions } from "./options.ts";

/** What a client needs to know of its server, read once per connection. */
export interface ServerInfo {
  server: Server;
  flavor: Flavor;
  /** Does the server have this API extension? */
  has(extension: string): boolean;
}

export interface ServerApi {
  /** `GET /1.0`, always asked anew. */
  get(options?: CallOptions): Promise<Server>;
  /** The same, remembered until the connection to the server was lost. */
  info(options?: CallOptions): Promise<ServerInfo>;
  resources(options?: CallOptions): Promise<Resources>;
  /** OpenMetrics text of all instances; far cheaper than their states. LXD caches it for 8 s. */
  metrics(options?: CallOptions): Promise<string>;
}
