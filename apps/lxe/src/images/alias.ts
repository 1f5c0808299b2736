/** Points aliases of LXD at images. */
import { isLxdError, type LxdClient } from "@lxe/lxd-client";
import { ALIAS_ATTEMPTS_MAX } from "./limits.ts";

type Aliases = LxdClient["images"]["aliases"];

/** Makes `name` an alias of the image, also where it was another image's. Safe against others who do the same. */
export async function pointAlias(
  aliases: Pick<Aliases, "create" | "get" | "update">,
  name: string,
  fingerprint: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await createOrMove(aliases, name, fingerprint, signal);
      return;
    } catch (error) {
      // Created, moved or removed by somebody else between two of our calls.
      if (attempt === ALIAS_ATTEMPTS_MAX || !isLxdError(error, "already-exists", "not-found", "conflict")) throw error;
    }
  }
}

async function createOrMove(
  aliases: Pick<Aliases, "create" | "get" | "update">,
  name: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await aliases.create({ name, target }, { signal });
  } catch (error) {
    if (!isLxdError(error, "already-exists")) throw error;
    const { value, etag } = await aliases.get(name, { signal });
    if (value.target !== target) await aliases.update(name, { target }, { signal, etag });
  }
}
