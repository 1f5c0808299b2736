/** The LXD config keys that hold lxe's state; docs/internals/architecture.md has the table. */

const key = <Name extends string>(name: Name) => `user.lxe.${name}` as const;

export const SCHEMA_VERSION = "1";
export const KEYS = {
  schema: key("schema"),
  kind: key("kind"),
  id: key("id"),
  sandbox: key("sandbox"),
  createdAt: key("created-at"),
  config: key("config"),
  runtimeHandler: key("runtime-handler"),
  network: key("network"),
  userns: key("userns"),
  facts: key("facts"),
  resources: key("resources"),
  exit: key("exit"),
} as const;

export type LxdConfig = Readonly<Record<string, string>>;
