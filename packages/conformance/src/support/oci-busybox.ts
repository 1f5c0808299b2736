/** Layers for images that scenarios make: a busybox to run, and something that makes an image differ from all others. */
import { layerOf, type TestFile, type TestLayer } from "lxe/testing/registry";
import { randomBytes } from "node:crypto";
import { APPLETS } from "./busybox-image.ts";

const directory = (name: string, mode = 0o755): TestFile => ({ kind: "directory", name: `${name}/`, mode });

/** `/bin/sh` and the applets of `busybox-image.ts`; user `app` (1234, also in group `extra`, 2222). */
export function busyboxLayer(busybox: Uint8Array): TestLayer {
  return layerOf([
    directory("bin"),
    directory("etc"),
    directory("home"),
    directory("tmp", 0o1777),
    { name: "bin/busybox", content: busybox, mode: 0o755 },
    ...APPLETS.map((name): TestFile => ({ kind: "symlink", name: `bin/${name}`, linkname: "busybox", mode: 0o777 })),
    { name: "etc/passwd", content: "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1234:app:/home:/bin/sh\n" },
    { name: "etc/group", content: "root:x:0:\napp:x:1234:\nextra:x:2222:app\n" },
  ]);
}

export function uniqueLayer(): TestLayer {
  return layerOf([{ name: "unique", content: randomBytes(8).toString("hex") }]);
}
