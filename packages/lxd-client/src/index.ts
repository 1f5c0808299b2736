/** A typed client for the REST API of LXD and Incus. */
export type * from "./api/index.ts";
export { createLxdClient } from "./client.ts";
export { systemClock, type Clock, type Random } from "./clock.ts";
export { isLxdError, LxdError, type LxdErrorCode, type LxdErrorDetails } from "./errors.ts";
export { type Flavor, flavorOf, guessSocketPath, incusFlavor, lxdFlavor } from "./flavor.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export type { HttpsEndpoint, LxdClientOptions, LxdEndpoint, UnixSocketEndpoint, WireEndpoint } from "./options.ts";
export * from "./schema/index.ts";
export type { HttpReply } from "./transport/http.ts";
export type { Lane, Wire, WireRequest } from "./transport/wire.ts";
