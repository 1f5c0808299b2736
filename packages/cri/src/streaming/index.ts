export type { StreamingClock, StreamingRandom } from "./clock.ts";
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
