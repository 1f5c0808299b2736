/** The LXD or Incus that pods run on. */
import { z } from "zod";
import { setting } from "./setting.ts";
import { absolutePath, imageSizeGib, name } from "./value-schemas.ts";

export const lxdSection = {
  title: "LXD",
  settings: {
    "lxd-socket": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: undefined,
      defaultNote: "the first that exists of the usual places of LXD and Incus",
      help: "Unix socket of LXD or Incus.",
      placeholder: "PATH",
    }),
    "lxd-project": setting({
      schema: name,
      text: "string",
      defaultValue: "default",
      help: "LXD project that holds all pods and images.",
      placeholder: "NAME",
    }),
    "lxd-profiles": setting({
      schema: z.array(name),
      text: "list",
      defaultValue: ["default"],
      help: "LXD profiles applied to each container, the last one winning. Network devices in them are not used.",
      placeholder: "NAME,…",
    }),
    "lxd-storage-pool": setting({
      schema: name,
      text: "string",
      defaultValue: undefined,
      defaultNote: "the root disk's pool of the profiles, else the first pool",
      help: "LXD storage pool for root file systems.",
      placeholder: "NAME",
    }),
    "lxd-remote-config": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: undefined,
      defaultNote: "LXD's own remotes only",
      help: "The lxc client's config.yml, whose remotes can be used in image names.",
      placeholder: "PATH",
    }),
    "lxd-image-remote": setting({
      schema: name,
      text: "string",
      defaultValue: "local",
      help: "Remote that an image name without a remote belongs to.",
      placeholder: "NAME",
    }),
    "image-size-max": setting({
      schema: imageSizeGib,
      text: "number",
      defaultValue: 64,
      help: "Largest OCI image that is pulled, in GiB of its files. A larger one is refused while it is downloaded.",
      placeholder: "GIB",
    }),
    "registry-config-dir": setting({
      schema: absolutePath,
      text: "string",
      defaultValue: undefined,
      defaultNote: "registries are asked directly, with the host's certificate authorities",
      help: "Directory with a hosts.toml for each OCI registry, as containerd has it in /etc/containerd/certs.d: mirrors, certificates, headers.",
      placeholder: "DIR",
    }),
  },
};
