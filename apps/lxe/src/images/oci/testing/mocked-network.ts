/**
 * Servers that exist only in a test, over https, too: msw answers in place of the network. Its `setupServer` sees fetch and node:http
 * alone; undici needs the interceptor of sockets.
 */
import { HttpRequestInterceptor } from "@mswjs/interceptors/http";
import { defineNetwork, InterceptorSource } from "msw/experimental";

/** Requests that no handler answers fail. */
export function mockedNetwork() {
  return defineNetwork({
    sources: [new InterceptorSource({ interceptors: [new HttpRequestInterceptor()] })],
    onUnhandledFrame: "error",
    context: { quiet: true },
    handlers: [],
  });
}
