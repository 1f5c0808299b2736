/** How pods get their addresses. */
import { addressRange, bridgeName, oneOf } from "./value-schemas.ts";
import { setting } from "./setting.ts";

export const NETWORK_PLUGINS = ["bridge", "cni"] as const;

export const networkSection = {
  title: "Network",
  settings: {
    "network-plugin": setting({
      schema: oneOf(NETWORK_PLUGINS),
      text: "string",
      defaultValue: "bridge",
      help: "Who gives pods their addresses: bridge is a bridge that LXD manages. cni is not available in this version.",
      placeholder: "NAME",
    }),
    "bridge-name": setting({
      schema: bridgeName,
      text: "string",
      defaultValue: "lxebr0",
      help: "LXD network that pods are attached to. Created when it is missing.",
      placeholder: "NAME",
    }),
    "bridge-dhcp-range": setting({
      schema: addressRange,
      text: "string",
      defaultValue: undefined,
      defaultNote: "the whole subnet of the bridge",
      help: "IPv4 addresses that pods may get, as FIRST-LAST within the bridge's subnet.",
      placeholder: "FIRST-LAST",
    }),
  },
};
