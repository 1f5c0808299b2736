export type { StreamingClock, StreamingRandom } from "./clock.ts";
export { isLoopbackHost } from "./address.ts";
export type {
  AttachSession,
  CommandEnd,
  CommandSession,
  ExecSession,
  PortForwardPair,
  PortForwardSession,
  TerminalSize,
} from "./session.ts";
export type {
  StreamingHandlers,
  StreamingKind,
  StreamingRequests,
  StreamingServer,
  StreamingServerOptions,
} from "./options.ts";
export { createStreamingServer } from "./server.ts";
export { joinPortForward } from "./join-port-forward.ts";
