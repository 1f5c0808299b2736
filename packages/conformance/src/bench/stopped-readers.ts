/** Memory of lxe under clients that stop reading: what waits for them has to wait in the kernel and in the command. */
import { setTimeout as delay } from "node:timers/promises";
import { readFile } from "node:fs/promises";
import { PortForwardClient } from "../support/port-forward-client.ts";
import { SpdyExecClient } from "../support/spdy-exec-client.ts";
import type { LxeProcess } from "./lxe-process.ts";
import { peakRssMb, resetPeakRss, rssMb } from "./process-usage.ts";
import type { Figure } from "./result.ts";
import { ENDLESS_PORT, type StreamSide } from "./stream-sides.ts";

const CLIENTS = 10;
const GROWTH_MB = 20;
const POLL_MS = 250;
const STANDS_WITHIN_MS = 60_000;
/** Long enough that what still grew would show. */
const WATCHED_MS = 5000;

interface Stoppable extends AsyncDisposable {
  stopReading(): void;
}

export async function stoppedReaderFigures(lxe: LxeProcess, side: StreamSide): Promise<Figure[]> {
  return [
    await growth("execs", lxe, () => endlessExec(side)),
    await growth("forwarded connections", lxe, () => endlessForward(side)),
  ];
}

/** Of the peak, from when the clients have stopped until long after nothing moves any more. */
async function growth(what: string, { pid }: LxeProcess, open: () => Promise<Stoppable>): Promise<Figure> {
  await using stack = new AsyncDisposableStack();
  const clients: Stoppable[] = [];
  for (let index = 0; index < CLIENTS; index++) clients.push(stack.use(await open()));
  // buffers of bytes that do move are not what is looked for
  await delay(POLL_MS);
  await resetPeakRss(pid);
  const before = await rssMb(pid);
  for (const client of clients) client.stopReading();
  await stands(pid);
  await delay(WATCHED_MS);
  return {
    name: `growth of RSS, ${CLIENTS} ${what} whose readers stop`,
    value: (await peakRssMb(pid)) - before,
    unit: "MB",
    target: GROWTH_MB,
  };
}

/** Resolves when the process reads nothing more. */
async function stands(pid: number): Promise<void> {
  const giveUpAt = performance.now() + STANDS_WITHIN_MS;
  for (let last = -1; performance.now() < giveUpAt; await delay(POLL_MS)) {
    const bytes = Number(/^rchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, "utf8"))?.[1]);
    // what it reads for other reasons is far less
    if (bytes - last < 1024 * 1024 && last >= 0) return;
    last = bytes;
  }
  throw new Error(`lxe still reads, ${STANDS_WITHIN_MS} ms after its clients have stopped`);
}

async function endlessExec({ cri, container }: StreamSide): Promise<Stoppable> {
  const { url } = await cri.exec({ containerId: container.id, cmd: ["cat", "/dev/zero"], stdout: true });
  return SpdyExecClient.open(url);
}

async function endlessForward({ cri, pod }: StreamSide): Promise<Stoppable> {
  const client = await PortForwardClient.open({ cri }, pod);
  const connection = await client.connect(ENDLESS_PORT);
  connection.onPiece(() => {});
  return client;
}
