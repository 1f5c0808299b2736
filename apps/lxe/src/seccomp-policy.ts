/** The node's seccomp profile that a pod or a container asks for, as LXC's policy. */
import { InvalidArgumentError, type LinuxContainerSecurityContext, type LinuxSandboxSecurityContext } from "@lxe/cri";
import type { Context } from "./context.ts";
import { lxcSeccompPolicy } from "./translate/seccomp.ts";
import { localSeccompProfile, SECCOMP_FIELD } from "./translate/security.ts";

const FILE_BYTES_MAX = 1024 * 1024;

/** Undefined where it asks for none. The file is read now: what it says later concerns later containers. */
export async function seccompPolicy(
  { files }: Pick<Context, "files">,
  security: LinuxContainerSecurityContext | LinuxSandboxSecurityContext | undefined,
): Promise<string | undefined> {
  const path = localSeccompProfile(security, security?.privileged ?? false);
  if (path === undefined) return undefined;
  const where = `${SECCOMP_FIELD}: the profile ${JSON.stringify(path)}`;
  const found = await files.resolve(path);
  if (found?.kind !== "file") throw new InvalidArgumentError(`${where} is no file of the node`);
  const content = await files.readFile(found.path);
  if (content === undefined) throw new InvalidArgumentError(`${where} is no file of the node`);
  if (content.length > FILE_BYTES_MAX)
    throw new InvalidArgumentError(`${where} is larger than ${FILE_BYTES_MAX} bytes`);
  return lxcSeccompPolicy(content.toString(), where);
}
