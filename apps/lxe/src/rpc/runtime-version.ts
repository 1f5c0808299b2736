/** Version. The kubelet refuses to start when `version` is anything else; the name becomes the scheme of container ids. */

import type { VersionResponse } from "@lxe/cri";
import { VERSION } from "../platform/version.ts";

const KUBELET_API_VERSION = "0.1.0";

export async function version(): Promise<VersionResponse> {
  return { version: KUBELET_API_VERSION, runtimeName: "lxe", runtimeVersion: VERSION, runtimeApiVersion: "v1" };
}
