/** What is left of an HTTP request once its connection is ours. */

import type { Duplex } from "node:stream";

export interface UpgradedSocket {
  socket: Duplex;
  /** What the client sent behind its request. */
  head: Buffer;
}
