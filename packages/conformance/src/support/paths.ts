/** Where things of the workspace are, however the program was started. */
import { fileURLToPath } from "node:url";

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

export const WORKSPACE_ROOT = fromRoot("");
export const LXE_PROGRAM = fromRoot("apps/lxe/bin/lxe.js");
export const FAKE_LXD_PROGRAM = fromRoot("apps/fake-lxd/bin/fake-lxd.js");
export const LXD_SCRIPT = fromRoot("packages/conformance/lxd/lxd.sh");
export const CRITEST_DIRECTORY = fromRoot("packages/conformance/critest");
export const INTEROP_DIRECTORY = fromRoot("packages/conformance/interop");
export const CONTAINERD_SCRIPT = fromRoot("packages/conformance/containerd/containerd.sh");
export const NODE_IMAGE_SCRIPT = fromRoot("packages/conformance/node/image.sh");
export const EXAMPLES = fromRoot("examples");
