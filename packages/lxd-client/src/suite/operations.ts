import { describe, expect, test } from "vitest";
import { StatusCode } from "../schema/index.ts";
import { createInstance, startInstance } from "./instance.ts";
import type { SuiteTarget } from "./target.ts";

export function operationsSuite(target: SuiteTarget): void {
  describe("operations", () => {
    test("a handle tells the id at once and the end later, and the operation is found meanwhile", async () => {
      await using client = target.client();
      await using instance = await createInstance(target, client);
      const path = `/1.0/instances/${instance.name}/state`;
      const handle = await client.operations.start({ method: "PUT", path, body: { action: "start" } });
      expect(handle.operation.status_code).toBeLessThan(StatusCode.success);
      expect(await client.operations.get(handle.id)).toMatchObject({ id: handle.id });
      expect(await handle.wait()).toMatchObject({ status: "Success" });
      expect((await client.operations.list()).map(({ id }) => id)).toContain(handle.id);
      expect(await client.operations.wait(handle.id)).toMatchObject({ id: handle.id, status: "Success" });
    });

    test("a failed one is an error for wait and a value for waitEnd", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const path = `/1.0/instances/${instance.name}/state`;
      const handle = await client.operations.start({ method: "PUT", path, body: { action: "start" } });
      expect(await handle.waitEnd()).toMatchObject({ status_code: StatusCode.failure });
      await expect(handle.wait()).rejects.toMatchObject({ code: "already-running" });
    });

    test("an aborted wait rejects while the operation goes on, if it cannot be cancelled", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      // Its pid 1 ignores the signal that asks it to go, so this takes its 2 seconds.
      const stopping = client.instances.setState(
        instance.name,
        { action: "stop", timeout: 2, force: false },
        { signal: AbortSignal.timeout(200) },
      );
      await expect(stopping).rejects.toMatchObject({ code: "timeout" });
      expect(await client.instances.state(instance.name)).toMatchObject({ status: "Running" });
    });

    test("one that can be cancelled ends with that", async () => {
      await using client = target.client();
      const { target: fingerprint } = (await client.images.aliases.get(await target.image())).value;
      const handle = await client.operations.start({ method: "POST", path: `/1.0/images/${fingerprint}/secret` });
      expect(handle.operation).toMatchObject({ class: "token", may_cancel: true });
      await handle.cancel();
      expect(await handle.waitEnd()).toMatchObject({ status_code: StatusCode.cancelled });
    });

    test("one that cannot be cancelled goes on", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const path = `/1.0/instances/${instance.name}/exec`;
      const body = { command: ["sleep", "1"], "record-output": true };
      const handle = await client.operations.start({ method: "POST", path, body });
      expect(handle.operation.may_cancel).toBe(false);
      await expect(handle.cancel()).rejects.toMatchObject({ httpStatus: 400 });
      expect(await handle.wait()).toMatchObject({ status: "Success" });
    });

    test("an unknown one is 'not-found'", async () => {
      await using client = target.client();
      const id = "00000000-0000-4000-8000-000000000000";
      await expect(client.operations.get(id)).rejects.toMatchObject({ code: "not-found" });
      await expect(client.operations.wait(id)).rejects.toMatchObject({ code: "not-found" });
    });
  });
}
