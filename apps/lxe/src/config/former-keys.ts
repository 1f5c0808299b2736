/** Settings of the first LXE that this one does not have, and what to do instead. */
export const FORMER_KEYS: Readonly<Record<string, string>> = {
  debug: "use log-level: debug",
  verbose: "use log-level: info",
  "log-file": "lxe logs to stderr: let systemd or a redirection keep it",
  critest: "it was for tests only",
  "hostnetwork-file": "pods in the host's network need no file any more",
  "streaming-endpoint": "use streaming-bindaddr: HOST:PORT",
  "streaming-port": "use streaming-bindaddr: HOST:PORT",
  "streaming-bind-addr": "use streaming-bindaddr: HOST:PORT",
  "streaming-base-url": "use streaming-baseurl",
  "cni-conf-dir": "network-plugin cni is not available in this version",
  "cni-bin-dir": "network-plugin cni is not available in this version",
  "cni-output-target": "network-plugin cni is not available in this version",
  "cni-output-file-path": "network-plugin cni is not available in this version",
};
