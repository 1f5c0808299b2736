import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { resolvePath } from "./resolve-path.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

it("follows links to what is there, and tells its kind", async () => {
  await using directory = await temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  await mkdir(at("directory"));
  await writeFile(at("directory/file"), "");
  await symlink("directory", at("link"));
  await symlink("link/file", at("far"));
  await symlink("nowhere", at("broken"));
  const server = createServer().listen(at("socket"));
  expect(await resolvePath(at("link"))).toEqual({ path: at("directory"), kind: "directory" });
  expect(await resolvePath(at("far"))).toEqual({ path: at("directory/file"), kind: "file" });
  expect(await resolvePath(at("socket"))).toMatchObject({ kind: "file" });
  expect(await resolvePath("/dev/null")).toEqual({ path: "/dev/null", kind: "char" });
  expect(await resolvePath(at("broken"))).toBeUndefined();
  expect(await resolvePath(at("nothing"))).toBeUndefined();
  server.close();
});

it("fails for what cannot be looked at", async () => {
  await using directory = await temporaryDirectory();
  await symlink("loop", join(directory.path, "loop"));
  await expect(resolvePath(join(directory.path, "loop"))).rejects.toThrow("ELOOP");
});
