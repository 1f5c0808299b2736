import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startInstance } from "./instance.ts";
import type { SuiteTarget } from "./target.ts";

export function filesSuite(target: SuiteTarget): void {
  describe("files", () => {
    test("are written with owner and mode, and read back", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { files } = client.instances;
      await files.put(instance.name, "/tmp/a file", { content: "hello", uid: 12, gid: 34, mode: 0o640 });
      const entry = await files.get(instance.name, "/tmp/a file");
      expect(entry).toMatchObject({ type: "file", uid: 12, gid: 34, mode: 0o640 });
      expect(entry.type === "file" && (await buffer(entry.content)).toString()).toBe("hello");
    });

    test("stream in both directions, and append", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { files } = client.instances;
      const content = Buffer.alloc(2_000_000, "0123456789");
      await files.put(instance.name, "/tmp/big", {
        content: Readable.from([content.subarray(0, 1_000_001), content.subarray(1_000_001)]),
      });
      await files.put(instance.name, "/tmp/big", { content: "!", append: true });
      const entry = await files.get(instance.name, "/tmp/big");
      expect(
        entry.type === "file" && (await buffer(entry.content)).equals(Buffer.concat([content, Buffer.from("!")])),
      ).toBe(true);
    });

    test("directories and links are told apart and listed", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { files } = client.instances;
      await files.put(instance.name, "/tmp/dir", { type: "directory", mode: 0o750 });
      await files.put(instance.name, "/tmp/dir/link", { type: "symlink", content: "/etc/passwd" });
      expect(await files.get(instance.name, "/tmp/dir")).toMatchObject({
        type: "directory",
        mode: 0o750,
        entries: ["link"],
      });
      expect(await files.get(instance.name, "/tmp/dir/link")).toMatchObject({ type: "symlink", target: "/etc/passwd" });
      expect(await files.list(instance.name, "/tmp/dir")).toEqual(["link"]);
      await expect(files.list(instance.name, "/etc/passwd")).rejects.toMatchObject({ code: "invalid" });
    });

    test("are deleted, and missing ones are 'not-found'", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { files } = client.instances;
      await files.put(instance.name, "/tmp/x", { content: "x" });
      await files.delete(instance.name, "/tmp/x");
      await expect(files.get(instance.name, "/tmp/x")).rejects.toMatchObject({ code: "not-found" });
    });
  });
}
