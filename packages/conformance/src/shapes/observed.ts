/** A client's way to an LXD on which everything that passes is put down in a book. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecordingProxy } from "../support/recording-proxy.ts";
import { EventLog } from "../twin/event-log.ts";
import type { ShapeBook } from "./book.ts";

export interface Observed extends AsyncDisposable {
  readonly socketPath: string;
}

export async function observe(lxdSocket: string, book: ShapeBook): Promise<Observed> {
  const directory = await mkdtemp(join(tmpdir(), "lxd-observed-"));
  const socketPath = join(directory, "socket");
  const proxy = await startRecordingProxy(socketPath, lxdSocket, (answer) => book.add(answer));
  const events = await EventLog.open(lxdSocket);
  const listening = events.listen((event) => book.addEvent(event));
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      listening[Symbol.dispose]();
      events[Symbol.dispose]();
      await proxy[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}
