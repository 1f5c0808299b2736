/** lxe as a library: for tests and for programs that embed it. */

export { type Config, createConfig } from "./config/config.ts";
export type { Context, Platform } from "./context.ts";
export {
  composeLxe,
  type Composition,
  type CompositionOptions,
  createLxe,
  type Lxe,
  type LxeOptions,
  prepareStateDir,
} from "./lxe.ts";
export type { Clock, Timer } from "./platform/clock.ts";
export type * from "./platform/host-files.ts";
export { initListener, type InitListener, type InitSockets } from "./platform/init-socket.ts";
export { createManualClock, type ManualClock } from "./platform/manual-clock.ts";
export { createSeededRandom, type Random } from "./platform/random.ts";
export { mapLxdError } from "./rpc-errors.ts";
export { createLogger, createSilentLogger, type Logger } from "./platform/logger.ts";
