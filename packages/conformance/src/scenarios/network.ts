/** Names, addresses and ports of pods. */
import { NamespaceMode, Protocol } from "@lxe/cri";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { runPod } from "../support/pod.ts";
import { scenario, type Theme } from "./scenario.ts";

const SERVE = "echo page of $(hostname) >/tmp/page; exec httpd -f -p 8080 -h /tmp";

const fetchText = async (url: string): Promise<string> =>
  (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();

export const network: Theme = {
  name: "names and network",
  scenarios: [
    scenario("containers have the pod's hostname, in every place where one looks", async (arm) => {
      await using pod = await runPod(arm);
      const name = pod.config.hostname ?? "";
      const { ip } = (await pod.status()).network ?? {};
      const container = await pod.start();
      expect(await container.sh("hostname; cat /etc/hostname; echo $HOSTNAME; uname -n")).toBe(`${name}\n`.repeat(4));
      const hosts = await container.sh("cat /etc/hosts");
      expect(hosts).toMatch(/^127\.0\.0\.1\s+.*\blocalhost\b/m);
      // containerd copies the host's file; the kubelet mounts its own over either
      if (arm.lxd) expect(hosts).toMatch(new RegExp(`^${ip}\\s+.*\\b${name}\\b`, "m"));
    }),

    scenario("resolv.conf holds what was asked for, in order", async (arm) => {
      const dnsConfig = {
        servers: ["10.96.0.10", "fd00::10"],
        searches: ["a.svc.cluster.local", "svc.cluster.local"],
        options: ["ndots:5", "edns0"],
      };
      await using pod = await runPod(arm, { config: { dnsConfig } });
      const container = await pod.start();
      const lines = (await container.sh("cat /etc/resolv.conf")).trimEnd().split("\n");
      expect(lines.toSorted()).toEqual([
        "nameserver 10.96.0.10",
        "nameserver fd00::10",
        "options ndots:5 edns0",
        "search a.svc.cluster.local svc.cluster.local",
      ]);
      expect(lines.indexOf("nameserver 10.96.0.10")).toBeLessThan(lines.indexOf("nameserver fd00::10"));
    }),

    scenario("resolv.conf is empty if the request's is, and the host's if the request has none", async (arm) => {
      await using empty = await runPod(arm, { config: { dnsConfig: {} } });
      expect(await (await empty.start()).sh("cat /etc/resolv.conf")).toBe("");
      await using none = await runPod(arm);
      const host = await readFile("/etc/resolv.conf", "utf8");
      expect(await (await none.start()).sh("cat /etc/resolv.conf")).toBe(host);
    }),

    scenario("/dev/shm is a tmpfs that the containers of a pod share", async (arm) => {
      await using pod = await runPod(arm);
      const first = await pod.start({ name: "first" });
      const second = await pod.start({ name: "second" });
      await first.sh("echo shared >/dev/shm/file");
      expect(await second.sh("cat /dev/shm/file; stat -c %a /dev/shm")).toBe("shared\n1777\n");
      await using other = await runPod(arm);
      expect(await (await other.start()).sh("ls -A /dev/shm")).toBe("");
    }),

    scenario("one pod reaches another at its address", async (arm) => {
      await using server = await runPod(arm);
      await using client = await runPod(arm);
      await server.start({ script: SERVE });
      const { ip } = (await server.status()).network ?? {};
      expect(ip).not.toBe((await client.status()).network?.ip);
      const caller = await client.start();
      const page = await eventually(
        "the other pod answers",
        () => caller.exec(["wget", "-qO-", `http://${ip}:8080/page`]),
        ({ code }) => code === 0,
      );
      expect(page.stdout).toBe(`page of ${server.config.hostname}\n`);
    }),

    scenario("a host port leads to the container from 127.0.0.1, and is free again afterwards", async (arm) => {
      const hostPort = await freePort();
      const portMappings = [{ protocol: Protocol.TCP, containerPort: 8080, hostPort }];
      for (const round of ["first", "second"]) {
        await using pod = await runPod(arm, { config: { portMappings } });
        await pod.start({ name: round, script: SERVE });
        const page = await eventually(
          "the host port answers",
          () => fetchText(`http://127.0.0.1:${hostPort}/page`),
          (text) => text.startsWith("page of"),
        );
        expect(page).toBe(`page of ${pod.config.hostname}\n`);
        await pod.stop();
        await eventually(
          "the host port is closed",
          () =>
            fetchText(`http://127.0.0.1:${hostPort}/page`).then(
              () => "open",
              () => "closed",
            ),
          (state) => state === "closed",
        );
      }
    }),

    scenario("a pod on the host's network has the host's name and no address of its own", async (arm) => {
      const securityContext = { namespaceOptions: { network: NamespaceMode.NODE, pid: NamespaceMode.CONTAINER } };
      await using pod = await runPod(arm, { config: { hostname: "", linux: { securityContext } } });
      const status = await pod.status();
      expect(status.network?.ip ?? "").toBe("");
      expect(status.linux?.namespaces?.options?.network).toBe(NamespaceMode.NODE);
      const container = await pod.start({ config: { linux: { securityContext } } });
      expect(await container.sh("hostname")).toBe(`${hostname()}\n`);
    }),
  ],
};
