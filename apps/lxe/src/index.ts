/** lxe as a library: for tests and for programs that embed it. */

export { type Config, createConfig } from "./config/config.ts";
export { createLxe, type Lxe, type LxeOptions } from "./lxe.ts";
export { createLogger, createSilentLogger, type Logger } from "./platform/logger.ts";
