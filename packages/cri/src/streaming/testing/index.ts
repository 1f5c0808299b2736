/** Clients for tests of runtimes as black boxes. */
export { SpdyTestClient, type SpdyTestStream } from "./spdy-client.ts";
export { TunnelClient } from "./tunnel-client.ts";
