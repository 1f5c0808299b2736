/** Where exec, attach and port-forward are served. */
import { absolutePath, baseUrl, hostAndPort } from "./value-schemas.ts";
import { setting } from "./setting.ts";

export const streamingSection = {
  title: "Streaming",
  settings: {
    "streaming-bindaddr": setting({
      schema: hostAndPort,
      text: "string",
      defaultValue: "127.0.0.1:0",
      defaultNote: "127.0.0.1:0: a free port of this host alone",
      help: "Address on which exec, attach and port-forward are served; port 0 takes a free one. Who can reach it and has a URL can run commands: leave it on this host, the kubelet needs no more.",
      placeholder: "HOST:PORT",
    }),
    "streaming-baseurl": setting({
      schema: baseUrl,
      text: "string",
      defaultValue: undefined,
      defaultNote: "the address itself",
      help: "What clients are told in place of the address, for a server behind another name.",
      placeholder: "URL",
    }),
    "streaming-tls-cert": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: undefined,
      defaultNote: "plain HTTP",
      help: "Certificate (PEM) for serving over TLS; needs streaming-tls-key.",
      placeholder: "PATH",
    }),
    "streaming-tls-key": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: undefined,
      defaultNote: "plain HTTP",
      help: "Key (PEM) of streaming-tls-cert.",
      placeholder: "PATH",
    }),
  },
};
