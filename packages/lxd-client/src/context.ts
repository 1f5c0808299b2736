/** What the resources share. */
import type { CallOptions } from "./api/options.ts";
import type { ServerInfo } from "./api/server.ts";
import type { Clock, Random } from "./clock.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Limits } from "./limits.ts";
import type { OperationTracker } from "./operations/tracker.ts";
import type { Rest } from "./transport/rest.ts";
import type { OpenWebSocket } from "./transport/websocket.ts";

export interface Context {
  rest: Rest;
  tracker: OperationTracker;
  openWebSocket: OpenWebSocket;
  /** The server, asked once per connection. */
  info(options: CallOptions | undefined): Promise<ServerInfo>;
  lifetime: Lifetime;
  clock: Clock;
  random: Random;
  limits: Limits;
}
