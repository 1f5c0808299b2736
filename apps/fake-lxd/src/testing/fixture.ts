/** A fake with the image `busybox`, and short ways to make instances of it. */
import { busyboxImage } from "../busybox-image.ts";
import { startFakeLxd } from "../fake.ts";
import type { FakeLxd, FakeLxdOptions } from "../options.ts";
import { Api } from "./api.ts";

export interface Fixture extends AsyncDisposable {
  fake: FakeLxd;
  api: Api;
  /** Creates (not starts) an instance without network. `rawLxc` are lines of raw.lxc. */
  create(name: string, rawLxc?: string[], more?: Record<string, unknown>): Promise<void>;
  start(name: string): Promise<void>;
  /** Runs a command with recorded output. */
  exec(name: string, command: string[]): Promise<{ code: unknown; stdout: string; stderr: string }>;
}

let image: Promise<Uint8Array> | undefined;

export async function startFixture(options: FakeLxdOptions = {}): Promise<Fixture> {
  image ??= busyboxImage();
  const fake = await startFakeLxd({ seed: 1, ...options });
  const api = new Api(fake.socketPath);
  await api.uploadImage(await image, "busybox");
  return {
    fake,
    api,
    async create(name, rawLxc = [], more = {}) {
      const { config, devices, ...rest } = more as { config?: object; devices?: object };
      await api.must("POST", "/1.0/instances", {
        name,
        source: { type: "image", alias: "busybox" },
        config: { "boot.autostart": "false", "raw.lxc": rawLxc.join("\n"), ...config },
        devices: { eth0: { type: "none" }, ...devices },
        ...rest,
      });
    },
    async start(name) {
      await api.must("PUT", `/1.0/instances/${name}/state`, { action: "start" });
    },
    async exec(name, command) {
      const { metadata } = await api.operate("POST", `/1.0/instances/${name}/exec`, { command, "record-output": true });
      const output = metadata?.["output"] as Record<string, string>;
      const read = async (fd: string) => (await api.raw("GET", output[fd] ?? "")).text;
      return { code: metadata?.["return"], stdout: await read("1"), stderr: await read("2") };
    },
    [Symbol.asyncDispose]: () => fake.close(),
  };
}

/** Init as an application: sleeps, ends on SIGTERM, and says in lxc.log how it ended. */
export const sleepingApp = ["lxc.init.cmd = /bin/sleep 1000", "lxc.log.level = info", "lxc.signal.halt = SIGKILL"];

/** Resolves as soon as `check` holds; looks again whenever the event loop is idle. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = async () => {
    if (await check()) resolve();
    else setImmediate(() => void look());
  };
  await look();
  await promise;
}
