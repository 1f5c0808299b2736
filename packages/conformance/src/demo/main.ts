/**
 * `npm start`: the pod of examples/pod.yaml on lxe and fake-lxd, from nothing to nothing. `--keep` leaves it running and says how
 * to use it; `--end DIR` ends that.
 */
import { ContainerState, createCriClient, type CriClient } from "@lxe/cri";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXAMPLES } from "../support/paths.ts";
import { endDemo } from "./end.ts";
import { type DemoPod, logOf, runManifest } from "./pod.ts";
import { createPrinter, table } from "./print.ts";
import { pullFromOwnRegistry } from "./pull.ts";
import { setStage, type Stage } from "./stage.ts";

const { values } = parseArgs({ options: { keep: { type: "boolean", default: false }, end: { type: "string" } } });
const print = createPrinter((text) => process.stdout.write(text));
if (values.end === undefined) await demo(values.keep);
else await endDemo(values.end);

async function demo(keep: boolean): Promise<void> {
  print.line("A Kubernetes pod on lxe, with fake-lxd in the place of LXD: nothing is installed, no root is needed.");
  print.line();
  await using undo = new AsyncDisposableStack();
  const stage = undo.use(await setStage({ detached: keep, step: print.step }));
  const cri = createCriClient(`unix://${stage.criSocket}`);
  undo.defer(() => cri.close());
  const { directory, registryConfigDir } = stage;
  await pullFromOwnRegistry({ cri, image: "busybox", registryConfigDir, step: print.step });
  const pod = await runManifest({ cri, manifest: join(EXAMPLES, "pod.yaml"), directory, step: print.step });
  await show(cri, pod);
  if (keep) {
    explain(stage, pod);
    undo.move();
    cri.close();
  } else {
    await remove(cri, pod);
  }
}

async function show(cri: CriClient, pod: DemoPod): Promise<void> {
  const logs = await Promise.all(
    pod.containers.map(async (container) => ({ container, text: await logOf(container) })),
  );
  print.block("Containers (ListContainers, ContainerStatus)", table(await statusRows(cri, pod)));
  for (const { container, text } of logs) print.block(`Log of ${container.name} (${container.logPath})`, text);
  const [web] = pod.containers;
  const cmd = ["sh", "-c", "hostname; cat /www/index.html; ps"];
  const { stdout } = await cri.execSync({ containerId: web?.id ?? "", cmd, timeout: 10n });
  print.block(`ExecSync in ${web?.name}: ${cmd[2]}`, Buffer.from(stdout).toString());
  print.line();
}

async function statusRows(cri: CriClient, { id }: DemoPod): Promise<string[][]> {
  const { containers } = await cri.listContainers({ filter: { podSandboxId: id } });
  const rows = await Promise.all(
    containers.map(async (container) => {
      const { status } = await cri.containerStatus({ containerId: container.id });
      const state = status?.state === ContainerState.CONTAINER_RUNNING ? "running" : `exited (${status?.exitCode})`;
      return [container.id.slice(0, 13), container.metadata?.name ?? "", state, container.image?.image ?? ""];
    }),
  );
  return [["ID", "NAME", "STATE", "IMAGE"], ...rows.toSorted(([, a = ""], [, b = ""]) => a.localeCompare(b))];
}

async function remove(cri: CriClient, { id, containers, name }: DemoPod): Promise<void> {
  await Promise.all(containers.map((container) => cri.stopContainer({ containerId: container.id, timeout: 1n })));
  print.step("StopContainer: both");
  await cri.stopPodSandbox({ podSandboxId: id });
  await cri.removePodSandbox({ podSandboxId: id });
  const { items } = await cri.listPodSandbox({});
  if (items.length > 0) throw new Error("a pod is left");
  print.step(`StopPodSandbox, RemovePodSandbox: ${name} is gone`);
}

function explain({ criSocket, lxdSocket, directory }: Stage, { containers }: DemoPod): void {
  const endpoint = `unix://${criSocket}`;
  const [first] = containers;
  print.line("It goes on running. With crictl:");
  print.line(`    crictl --runtime-endpoint ${endpoint} ps`);
  print.line(`    crictl --runtime-endpoint ${endpoint} logs ${first?.id.slice(0, 13)}`);
  print.line("With LXD's own client:");
  print.line(`    LXD_SOCKET=${lxdSocket} lxc list`);
  print.line("A kubelet would use it by this line of its configuration:");
  print.line(`    containerRuntimeEndpoint: ${endpoint}`);
  print.line("To end it:");
  print.line(`    npm start -- --end ${directory}`);
}
