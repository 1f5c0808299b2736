/** How fast bytes pass through a runtime: one stream, from or to a program that does nothing else. */
import { PortForwardClient } from "../support/port-forward-client.ts";
import { SpdyExecClient } from "../support/spdy-exec-client.ts";
import type { Figure, Progress } from "./result.ts";
import { median, timed } from "./statistics.ts";
import { SOURCE_PORT, type StreamSide } from "./stream-sides.ts";

const BYTES_PER_MB = 1024 * 1024;
/** Of containerd's. */
const FLOOR_PERCENT = 70;

export interface Transfer {
  readonly name: string;
  readonly judged: boolean;
  readonly run: (side: StreamSide, bytes: number) => Promise<void>;
}

export const TRANSFERS: readonly Transfer[] = [
  { name: "exec, stdout", judged: true, run: execOutput },
  { name: "exec, stdin", judged: false, run: execInput },
  { name: "port-forward", judged: true, run: forwarded },
];

async function execOutput({ cri, container }: StreamSide, bytes: number): Promise<void> {
  const cmd = ["head", "-c", String(bytes), "/dev/zero"];
  const { url } = await cri.exec({ containerId: container.id, cmd, stdout: true });
  await using client = await SpdyExecClient.open(url);
  requireAll(await client.status(), client.receivedBytes, bytes);
}

const CHUNK = Buffer.alloc(32 * 1024);

async function execInput({ cri, container }: StreamSide, bytes: number): Promise<void> {
  const cmd = ["sh", "-c", "exec cat > /dev/null"];
  const { url } = await cri.exec({ containerId: container.id, cmd, stdin: true, stdout: true });
  await using client = await SpdyExecClient.open(url, { stdin: true });
  for (let sent = 0; sent < bytes; sent += CHUNK.length) await client.write(CHUNK);
  await client.endInput();
  requireAll(await client.status(), 0, 0);
}

async function forwarded({ cri, pod }: StreamSide, bytes: number): Promise<void> {
  await using client = await PortForwardClient.open({ cri }, pod);
  const connection = await client.connect(SOURCE_PORT);
  let received = 0;
  connection.onPiece((piece) => {
    received += piece.length;
  });
  await connection.ended;
  requireAll("Success", received, bytes);
}

function requireAll(status: string, received: number, expected: number): void {
  if (status !== "Success" || received !== expected)
    throw new Error(`${received} of ${expected} bytes came: ${status}`);
}

/** A machine that is busy with other things takes minutes for a round: then one has to do. */
export const ROUNDS_WITHIN_MINUTES = 2;

/** All sides in turns; the first of each is not counted, and no round begins after its time. */
export async function transferFigures(
  sides: readonly StreamSide[],
  { name, judged, run }: Transfer,
  { bytes, rounds, progress }: { bytes: number; rounds: number; progress: Progress },
): Promise<Figure[]> {
  const speeds: number[][] = sides.map(() => []);
  const endsAt = performance.now() + ROUNDS_WITHIN_MINUTES * 60_000;
  for (let round = 0; round <= rounds && (round <= 1 || performance.now() < endsAt); round++) {
    for (const [index, side] of sides.entries()) {
      const { ms } = await timed(() => run(side, bytes));
      const speed = bytes / BYTES_PER_MB / (ms / 1000);
      progress(
        `${name}, round ${round} of ${rounds}, ${index === 0 ? "lxe" : "containerd"}: ${Math.round(speed)} MB/s`,
      );
      if (round > 0) speeds[index]?.push(speed);
    }
  }
  const [own = [], others] = speeds;
  const figures: Figure[] = [{ name, value: median(own), unit: "MB/s" }];
  if (others === undefined) return figures;
  const share = (median(own) / median(others)) * 100;
  return [
    ...figures,
    { name: "  containerd", value: median(others), unit: "MB/s" },
    { name: "  of containerd's speed", value: share, unit: "%", ...(judged && { floor: FLOOR_PERCENT }) },
  ];
}
