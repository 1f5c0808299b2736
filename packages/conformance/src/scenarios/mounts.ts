/** Volumes as the kubelet makes them. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { writeConfigMap } from "../support/config-map.ts";
import { eventually } from "../support/eventually.ts";
import { runPod, type TestPod } from "../support/pod.ts";
import { rejection } from "../support/rejection.ts";
import { lxeScenario, scenario, type Theme } from "./scenario.ts";

async function volume(pod: TestPod, name: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = join(pod.directory, name);
  await mkdir(path);
  for (const [file, content] of Object.entries(files)) await writeFile(join(path, file), content);
  return path;
}

export const mounts: Theme = {
  name: "mounts",
  scenarios: [
    scenario("a directory is seen and written by both sides", async (arm) => {
      await using pod = await runPod(arm);
      const hostPath = await volume(pod, "data", { "from-host": "hello\n" });
      await chmod(hostPath, 0o777);
      const container = await pod.start({ config: { mounts: [{ hostPath, containerPath: "/data/deep" }] } });
      expect(await container.sh("cat /data/deep/from-host; echo back >/data/deep/from-container")).toBe("hello\n");
      expect(await readFile(join(hostPath, "from-container"), "utf8")).toBe("back\n");
      await writeFile(join(hostPath, "later"), "more\n");
      expect(await container.sh("cat /data/deep/later; rm /data/deep/later; ls /data/deep")).toBe(
        "more\nfrom-container\nfrom-host\n",
      );
    }),

    scenario("a file lies over a file of the image, or where there was none", async (arm) => {
      await using pod = await runPod(arm);
      const directory = await volume(pod, "files", { passwd: "root:x:0:0::/:/bin/sh\n", fresh: "fresh\n" });
      const container = await pod.start({
        config: {
          mounts: [
            { hostPath: join(directory, "passwd"), containerPath: "/etc/passwd" },
            { hostPath: join(directory, "fresh"), containerPath: "/opt/new/fresh" },
          ],
        },
      });
      expect(await container.sh("cat /etc/passwd /opt/new/fresh")).toBe("root:x:0:0::/:/bin/sh\nfresh\n");
    }),

    scenario("read-only is read-only", async (arm) => {
      await using pod = await runPod(arm);
      const hostPath = await volume(pod, "fixed", { file: "fixed\n" });
      await chmod(hostPath, 0o777);
      const mounts = [{ hostPath, containerPath: "/fixed", readonly: true }];
      const container = await pod.start({ config: { mounts } });
      const attempt = await container.exec(["sh", "-c", "cat /fixed/file; echo x >/fixed/new"]);
      expect(attempt).toMatchObject({ stdout: "fixed\n", stderr: expect.stringContaining("Read-only file system") });
      expect(attempt.code).not.toBe(0);
    }),

    scenario("mounts below /run and /var/run, parents before children in any order", async (arm) => {
      await using pod = await runPod(arm);
      const token = await volume(pod, "token", { token: "secret\n" });
      const inner = await volume(pod, "inner", { inner: "inner\n" });
      const outer = await volume(pod, "outer", { outer: "outer\n" });
      await mkdir(join(outer, "sub"));
      const container = await pod.start({
        config: {
          mounts: [
            { hostPath: inner, containerPath: "/run/outer/sub" },
            { hostPath: outer, containerPath: "/run/outer" },
            { hostPath: token, containerPath: "/var/run/secrets/kubernetes.io/serviceaccount", readonly: true },
          ],
        },
      });
      const files = "/run/outer/outer /run/outer/sub/inner /var/run/secrets/kubernetes.io/serviceaccount/token";
      expect(await container.sh(`cat ${files}`)).toBe("outer\ninner\nsecret\n");
    }),

    scenario("a secret on a tmpfs can be read by the container's root", async (arm) => {
      const tmpfs = await mkdtemp("/dev/shm/lxe-");
      try {
        await chmod(tmpfs, 0o755);
        await writeFile(join(tmpfs, "token"), "secret\n", { mode: 0o600 });
        await using pod = await runPod(arm);
        const mounts = [{ hostPath: tmpfs, containerPath: "/etc/secret", readonly: true }];
        const container = await pod.start({ config: { mounts } });
        expect(await container.sh("cat /etc/secret/token; stat -c %u:%g /etc/secret/token")).toBe("secret\n0:0\n");
      } finally {
        await rm(tmpfs, { recursive: true });
      }
    }),

    scenario("a ConfigMap's update shows in the running container", async (arm) => {
      await using pod = await runPod(arm);
      const hostPath = await volume(pod, "config");
      await writeConfigMap(hostPath, { colour: "red", size: "small" });
      const mounts = [{ hostPath, containerPath: "/etc/config", readonly: true }];
      const container = await pod.start({ config: { mounts } });
      expect(await container.sh("cat /etc/config/colour /etc/config/size")).toBe("redsmall");
      await writeConfigMap(hostPath, { colour: "blue", size: "small", shape: "round" });
      await eventually(
        "the new value shows",
        () => container.sh("cat /etc/config/colour"),
        (seen) => seen === "blue",
      );
      expect(await container.sh("cat /etc/config/shape")).toBe("round");
    }),

    scenario("a host path that does not exist becomes a directory", async (arm) => {
      await using pod = await runPod(arm);
      const hostPath = join(pod.directory, "not", "there yet");
      const container = await pod.start({ config: { mounts: [{ hostPath, containerPath: "/made" }] } });
      expect(await container.sh("ls -A /made")).toBe("");
      expect((await stat(hostPath)).isDirectory()).toBe(true);
    }),

    scenario("a host path that is a link is followed on the host", async (arm) => {
      await using pod = await runPod(arm);
      const target = await volume(pod, "target", { file: "through a link\n" });
      await symlink("target", join(pod.directory, "link"));
      await symlink("target/file", join(pod.directory, "file-link"));
      const container = await pod.start({
        config: {
          mounts: [
            { hostPath: join(pod.directory, "link"), containerPath: "/dir" },
            { hostPath: join(pod.directory, "file-link"), containerPath: "/file" },
          ],
        },
      });
      expect(await container.sh("cat /dir/file /file")).toBe("through a link\n".repeat(2));
      expect((await stat(target)).isDirectory()).toBe(true);
    }),

    scenario("paths may hold blanks, quotes, backslashes and other letters", async (arm) => {
      await using pod = await runPod(arm);
      const hostPath = await volume(pod, `a b'c"d\\e#f,g=ü`, { file: "odd\n" });
      const containerPath = `/mnt/x y'z"\\w#v,u=ß`;
      const container = await pod.start({ config: { mounts: [{ hostPath, containerPath }] } });
      expect(await container.exec(["cat", `${containerPath}/file`])).toMatchObject({ code: 0, stdout: "odd\n" });
    }),

    scenario("owners are the same on both sides of a read-only root file system", async (arm) => {
      await using pod = await runPod(arm);
      const hostPath = await volume(pod, "owned", { file: "x" });
      const config = {
        mounts: [{ hostPath, containerPath: "/mnt" }],
        linux: { securityContext: { readonlyRootfs: true } },
      };
      const container = await pod.start({ config });
      expect(await container.sh("stat -c %u:%g /mnt/file")).toBe("0:0\n");
      expect(await container.exec(["touch", "/etc/new"])).toMatchObject({
        stderr: expect.stringContaining("Read-only"),
      });
      expect(await container.sh("touch /mnt/new && echo written")).toBe("written\n");
    }),

    scenario("the status repeats the mounts in the order of the request, and nothing else", async (arm) => {
      await using pod = await runPod(arm);
      const first = await volume(pod, "first");
      const second = await volume(pod, "second");
      const mounts = [
        { hostPath: second, containerPath: "/z/deep", readonly: true },
        { hostPath: first, containerPath: "/a" },
      ];
      const container = await pod.create({ config: { mounts } });
      const status = await container.status();
      expect(status.mounts).toHaveLength(2);
      expect(status.mounts).toMatchObject(mounts);
    }),

    lxeScenario("a path that is not absolute is refused", "containerd takes it from its own directory", async (arm) => {
      await using pod = await runPod(arm);
      for (const mount of [
        { hostPath: "data", containerPath: "/data" },
        { hostPath: "/tmp", containerPath: "data" },
      ]) {
        expect(await rejection(pod.create({ config: { mounts: [mount] } }))).toMatchObject({
          codeName: "INVALID_ARGUMENT",
        });
      }
    }),
  ],
};
