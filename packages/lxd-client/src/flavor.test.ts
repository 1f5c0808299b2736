import { expect, test } from "vitest";
import { flavoredHeader, flavorOf, guessSocketPath } from "./flavor.ts";
import type { Server } from "./schema/server.ts";

const nothing = () => false;
const server = (name?: string) => (name === undefined ? {} : { environment: { server: name } }) as Server;

test.each([
  [{ LXD_SOCKET: "/s", LXD_DIR: "/d" }, "/s"],
  [{ LXD_DIR: "/d/" }, "/d/unix.socket"],
  [{ INCUS_SOCKET: "/i" }, "/i"],
  [{ INCUS_DIR: "/incus" }, "/incus/unix.socket"],
  [{ LXD_DIR: "", INCUS_DIR: "/incus" }, "/incus/unix.socket"],
  [{}, undefined],
])("with the environment %j the socket is %j", (env, expected) => {
  expect(guessSocketPath(env, nothing)).toBe(expected);
});

test("without an environment the first well-known socket that can be written to is taken, the snap's before the package's", () => {
  expect(guessSocketPath({}, () => true)).toBe("/var/snap/lxd/common/lxd/unix.socket");
  expect(guessSocketPath({}, (path) => path.startsWith("/var/lib"))).toBe("/var/lib/lxd/unix.socket");
  expect(guessSocketPath({}, (path) => path.includes("incus"))).toBe("/run/incus/unix.socket");
});

test("Incus is told apart by what the server says; a server that says nothing is taken for LXD", () => {
  expect(flavorOf(server("incus"))).toMatchObject({
    name: "incus",
    headerPrefix: "X-Incus-",
    guestApiKey: "security.guestapi",
  });
  expect(flavorOf(server("lxd")).name).toBe("lxd");
  expect(flavorOf(server()).name).toBe("lxd");
});

test("headers of either flavor are understood", () => {
  expect(flavoredHeader({ "x-lxd-type": "file" }, "type")).toBe("file");
  expect(flavoredHeader({ "x-incus-type": "directory" }, "type")).toBe("directory");
  expect(flavoredHeader({}, "type")).toBeUndefined();
});
