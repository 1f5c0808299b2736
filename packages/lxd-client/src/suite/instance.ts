/** Instances for tests, removed at the end of the scope. */
import type { LxdClient } from "../api/client.ts";
import { isLxdError } from "../errors.ts";
import type { InstancesPost } from "../schema/instance.ts";
import { type SuiteTarget, uniqueName } from "./target.ts";

export interface TestInstance extends AsyncDisposable {
  readonly name: string;
}

/** Stopped; its init sleeps once it is started. */
export async function createInstance(
  target: SuiteTarget,
  client: LxdClient,
  body: Partial<InstancesPost> = {},
): Promise<TestInstance> {
  const name = uniqueName("suite");
  await client.instances.create({
    name,
    source: { type: "image", alias: await target.image() },
    ...body,
    config: { "raw.lxc": "lxc.init.cmd = /bin/sleep 1000000", ...body.config },
  });
  return { name, [Symbol.asyncDispose]: () => removeInstance(client, name) };
}

export async function startInstance(
  target: SuiteTarget,
  client: LxdClient,
  body: Partial<InstancesPost> = {},
): Promise<TestInstance> {
  const instance = await createInstance(target, client, body);
  await client.instances.setState(instance.name, { action: "start" });
  return instance;
}

async function removeInstance(client: LxdClient, name: string): Promise<void> {
  try {
    await client.instances.setState(name, { action: "stop", force: true });
  } catch (error) {
    if (!isLxdError(error, "already-stopped", "not-found")) throw error;
  }
  try {
    await client.instances.delete(name);
  } catch (error) {
    if (!isLxdError(error, "not-found")) throw error;
  }
}
