/** Where lxe listens and keeps its files, and what it says about itself. */
import { LOG_FORMATS, LOG_LEVELS } from "../platform/logger.ts";
import { absolutePath, oneOf } from "./value-schemas.ts";
import { setting } from "./setting.ts";

export const daemonSection = {
  title: "Daemon",
  settings: {
    socket: setting({
      schema: absolutePath,
      text: "string",
      defaultValue: "/run/lxe.sock",
      help: "Unix socket for the CRI: the kubelet's containerRuntimeEndpoint, without unix://. Created with mode 0660.",
      placeholder: "PATH",
    }),
    "state-dir": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: "/var/lib/lxe",
      help: "Directory for the files that containers see (output, resolv.conf, /dev/shm) and for log offsets. All other state is in LXD.",
      placeholder: "DIR",
    }),
    "kernel-log": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: "/dev/kmsg",
      help: "Where the kernel tells of processes that it killed for memory.",
      placeholder: "PATH",
    }),
    "log-level": setting({
      schema: oneOf(LOG_LEVELS),
      text: "string",
      defaultValue: "info",
      help: `Least severe messages to log: ${LOG_LEVELS.join(", ")}.`,
      placeholder: "LEVEL",
    }),
    "log-format": setting({
      schema: oneOf(LOG_FORMATS),
      text: "string",
      defaultValue: "text",
      help: "Lines for people (text) or for machines (json). They go to stderr.",
      placeholder: "FORMAT",
    }),
  },
};
