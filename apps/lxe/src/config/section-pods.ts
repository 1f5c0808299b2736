/** How pods run. */
import { setting } from "./setting.ts";
import { NO_LIMIT, oneOf, processCount } from "./value-schemas.ts";

export const USERNS_MODES = ["auto", "always", "requested"] as const;
export const CGROUP_DRIVERS = ["auto", "systemd", "cgroupfs"] as const;

export const podsSection = {
  title: "Pods",
  settings: {
    userns: setting({
      schema: oneOf(USERNS_MODES),
      text: "string",
      defaultValue: "auto",
      help: "Which pods run in a user namespace: those where the node can do it right (auto), all that do not ask for the host's (always), only those that ask for one (requested).",
      placeholder: "MODE",
    }),
    "cgroup-driver": setting({
      schema: oneOf(CGROUP_DRIVERS),
      text: "string",
      defaultValue: "auto",
      defaultNote: "auto: systemd where systemd runs the host, else cgroupfs",
      help: "Cgroup driver that the kubelet is told to use.",
      placeholder: "DRIVER",
    }),
    "pids-limit": setting({
      schema: processCount,
      text: "number",
      defaultValue: NO_LIMIT,
      help: "Most processes that one container may have; 0 is no limit.",
      placeholder: "COUNT",
    }),
  },
};
