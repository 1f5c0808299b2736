/** What an image says of how it wants to be run, and what a container makes of it. */
import { ContainerState, Signal } from "@lxe/cri";
import { layerOf, type TestFile, testImage } from "lxe/testing/registry";
import { expect } from "vitest";
import type { ArmInstance } from "../arms/arm.ts";
import { ImageShelf } from "../support/image-shelf.ts";
import { busyboxLayer, uniqueLayer } from "../support/oci-busybox.ts";
import { runPod } from "../support/pod.ts";
import { expectRefused } from "../support/refused.ts";
import { scenario, type Theme } from "./scenario.ts";

const PRINT = ["sh", "-c", 'for word in "$@"; do printf "<%s>" "$word"; done; echo', "print"];

/** An image with busybox in it, pulled. `run` is the config's config. */
async function pulled(
  arm: ArmInstance,
  shelf: ImageShelf,
  run: object,
  files: readonly TestFile[] = [],
): Promise<string> {
  const layers = [busyboxLayer(arm.busybox), uniqueLayer(), ...(files.length > 0 ? [layerOf(files)] : [])];
  return shelf.pull(shelf.push(testImage({ layers, run }), "1"));
}

const directory = (name: string, more: Partial<TestFile> = {}): TestFile => ({
  kind: "directory",
  name: `${name}/`,
  mode: 0o755,
  ...more,
});

/** Lines of a container's output, once it has ended well. */
type Output = (config: object) => Promise<string[]>;

async function outputOf(
  arm: ArmInstance,
  image: string,
): Promise<{ output: Output; [Symbol.asyncDispose](): Promise<void> }> {
  const pod = await runPod(arm);
  let count = 0;
  return {
    output: async (config) => {
      const common = { image: { image }, command: [] };
      const { container, status } = await pod.complete({ name: `c${count++}`, config: { ...common, ...config } });
      expect(status.exitCode).toBe(0);
      // containerd 2.1 does not fill it
      if (arm.lxd) expect(status.imageId).toBe(image);
      return (await container.stdout()).trimEnd().split("\n");
    },
    [Symbol.asyncDispose]: () => pod[Symbol.asyncDispose](),
  };
}

const WHO = ["sh", "-c", "id -u; id -g; id -G"];

export const imageRun: Theme = {
  name: "containers of images",
  scenarios: [
    scenario(
      "run the entrypoint with the image's cmd, or with args; a command takes the place of both",
      async (arm) => {
        await using shelf = new ImageShelf(arm);
        const image = await pulled(arm, shelf, { Entrypoint: PRINT, Cmd: ["by", "cmd"] });
        await using pod = await outputOf(arm, image);
        expect(await pod.output({})).toEqual(["<by><cmd>"]);
        expect(await pod.output({ args: ["by", "args"] })).toEqual(["<by><args>"]);
        expect(await pod.output({ command: ["echo", "alone"] })).toEqual(["alone"]);
        expect(await pod.output({ command: ["echo", "with"], args: ["args"] })).toEqual(["with args"]);
      },
    ),

    scenario("run the cmd alone where there is no entrypoint, and nothing where there is neither", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = await pulled(arm, shelf, { Cmd: ["echo", "by cmd"] });
      await using pod = await outputOf(arm, image);
      expect(await pod.output({})).toEqual(["by cmd"]);
      expect(await pod.output({ args: ["echo", "by args"] })).toEqual(["by args"]);
      await using otherShelf = new ImageShelf(arm);
      const empty = await pulled(arm, otherShelf, {});
      await using other = await runPod(arm);
      const config = { image: { image: empty }, command: [] };
      await expectRefused(arm, other.create({ config }), "INVALID_ARGUMENT", /no command/);
    }),

    scenario("have the image's environment and working directory, and their own over it", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const Env = ["PATH=/bin:/usr/bin", "GREETING=from the image", "KEPT=a=b"];
      const image = await pulled(arm, shelf, { Env, WorkingDir: "/deep/down", Cmd: ["sh", "-c", "pwd; env"] });
      await using pod = await outputOf(arm, image);
      const plain = await pod.output({});
      expect(plain[0]).toBe("/deep/down");
      expect(plain).toEqual(expect.arrayContaining(Env));
      const own = await pod.output({ workingDir: "/etc", envs: [{ key: "GREETING", value: Buffer.from("own") }] });
      expect(own[0]).toBe("/etc");
      expect(own).toEqual(expect.arrayContaining(["GREETING=own", "KEPT=a=b"]));
      expect(own).not.toContain("GREETING=from the image");
    }),

    ...[
      { user: "app", who: ["1234", "1234", "1234 2222"] },
      { user: "1234", who: ["1234", "1234", "1234 2222"] },
      { user: "4321", who: ["4321", "0", "0"] },
      { user: "app:extra", who: ["1234", "2222", "2222"] },
      { user: "1234:77", who: ["1234", "77", "77 2222"] },
      { user: "", who: ["0", "0", "0"] },
    ].map(({ user, who }) =>
      scenario(`run as the image's user: ${JSON.stringify(user)}`, async (arm) => {
        await using shelf = new ImageShelf(arm);
        const image = await pulled(arm, shelf, { User: user, Cmd: WHO });
        await using pod = await outputOf(arm, image);
        expect(await pod.output({})).toEqual(who);
        const securityContext = { runAsUser: { value: 99n } };
        expect(await pod.output({ linux: { securityContext } })).toEqual(["99", "0", "0"]);
      }),
    ),

    scenario("cannot be made where the image names a user that it does not have", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = await pulled(arm, shelf, { User: "stranger", Cmd: WHO });
      await using pod = await runPod(arm);
      const config = { image: { image }, command: [] };
      await expectRefused(arm, pod.create({ config }), "INVALID_ARGUMENT", /stranger/);
      expect((await arm.cri.listContainers({})).containers).toEqual([]);
    }),

    scenario("are stopped by the image's signal, which their status tells", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const script = "trap 'echo by USR1; exit 3' USR1; echo ready; while true; do sleep 1000 & wait; done";
      const image = await pulled(arm, shelf, { StopSignal: "SIGUSR1", Cmd: ["sh", "-c", script] });
      await using pod = await runPod(arm);
      const container = await pod.start({ config: { image: { image }, command: [] } });
      await container.says("ready");
      // containerd 2.1 does not fill it
      if (arm.lxd) expect((await container.status()).stopSignal).toBe(Signal.SIGNAL_SIGUSR1);
      await container.stop(60);
      expect(await container.status()).toMatchObject({ state: ContainerState.CONTAINER_EXITED, exitCode: 3 });
      expect(await container.stdout()).toContain("by USR1");
    }),

    scenario(
      "have the image's volumes: mounts of their own, with the image's files, gone with the container",
      async (arm) => {
        await using shelf = new ImageShelf(arm);
        const image = await pulled(
          arm,
          shelf,
          { Volumes: { "/data": {}, "/new/deep": {}, "/link/sub": {} }, User: "app" },
          [
            directory("data", { mode: 0o2750, uid: 1234, gid: 2222 }),
            { name: "data/seed", content: "seed", mode: 0o640, uid: 1234, gid: 2222 },
            { kind: "symlink", name: "link", linkname: "srv" },
            directory("srv"),
            directory("srv/sub", { mode: 0o1777 }),
          ],
        );
        await using pod = await runPod(arm);
        const look =
          "stat -c %a:%u:%g /data /data/seed; cat /data/seed; echo; grep -c ' \\(/data\\|/new/deep\\|/srv/sub\\) ' /proc/mounts";
        const write =
          "for place in /data /link/sub; do echo mine > $place/mine || exit 4; done; touch /root-fs 2>/dev/null && exit 5";
        const script = `${look}; ${write}; cat /srv/sub/mine /data/mine`;
        const security = { linux: { securityContext: { readonlyRootfs: true } } };
        for (const attempt of [0, 1]) {
          const spec = { attempt, script, config: { ...security, image: { image }, command: ["sh", "-c", script] } };
          const { container, status } = await pod.complete(spec);
          expect((await container.stdout()).split("\n")).toEqual([
            "2750:1234:2222",
            "640:1234:2222",
            "seed",
            "3",
            "mine",
            "mine",
            "",
          ]);
          expect(status).toMatchObject({ exitCode: 0, mounts: [] });
        }
      },
    ),

    scenario("have what they mount in the place of the image's volume", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const image = await pulled(arm, shelf, { Volumes: { "/data": {} } }, [
        directory("data"),
        { name: "data/seed", content: "seed" },
      ]);
      await using pod = await runPod(arm);
      const mount = { hostPath: pod.directory, containerPath: "/data" };
      const script = "ls -A /data; grep -c ' /data ' /proc/mounts";
      const config = { image: { image }, mounts: [mount], command: ["sh", "-c", script] };
      const { container, status } = await pod.complete({ config });
      expect((await container.stdout()).split("\n")).toEqual(["logs", "1", ""]);
      expect(status.mounts).toMatchObject([mount]);
    }),

    scenario("come from an image whose config a verbose status tells, labels and all", async (arm) => {
      await using shelf = new ImageShelf(arm);
      const run = { Entrypoint: ["/bin/sh"], Env: ["A=b"], User: "app", Labels: { team: "blue", empty: "" } };
      const image = await pulled(arm, shelf, run);
      const { info } = await arm.cri.imageStatus({ image: { image }, verbose: true });
      const { imageSpec } = JSON.parse(info["info"] ?? "{}") as { imageSpec: object };
      expect(imageSpec).toMatchObject({ os: "linux", config: run });
    }),
  ],
};
