/** What streams are measured on: on each runtime one container that does nothing, and serves bytes to whoever connects. */
import type { PodHost, TestPod } from "../support/pod.ts";
import type { TestContainer } from "../support/container.ts";
import { eventually } from "../support/eventually.ts";
import { runPod } from "../support/pod.ts";
import { connectWire, type WireClient } from "./wire-client.ts";

export interface StreamSide extends AsyncDisposable {
  readonly cri: PodHost["cri"];
  /** The same without what a client of gRPC takes in Node.js, which may be two milliseconds a call. */
  readonly wire: WireClient;
  readonly pod: TestPod;
  readonly container: TestContainer;
}

/** `SIZE` bytes, and then the end. */
export const SOURCE_PORT = 7000;
/** Bytes without an end. */
export const ENDLESS_PORT = 7001;

export async function streamSide(host: PodHost, socket: string, sourceBytes: number): Promise<StreamSide> {
  await using undo = new AsyncDisposableStack();
  const wire = undo.use(await connectWire(socket));
  const pod = undo.use(await runPod(host));
  const container = await pod.start({
    script: `nc -ll -p ${SOURCE_PORT} -e head -c ${sourceBytes} /dev/zero & nc -ll -p ${ENDLESS_PORT} -e cat /dev/zero & wait`,
  });
  await eventually(
    "both ports are listened on",
    () => container.sh("netstat -ltn"),
    (table) => [SOURCE_PORT, ENDLESS_PORT].every((port) => table.includes(`:${port} `)),
  );
  const owned = undo.move();
  return { cri: host.cri, wire, pod, container, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
