/**
 * The relay of one sandbox while it is needed: a program of ours (`init/relay.ts`) in the sandbox's instance, and the socket where
 * its connections arrive. Owns starting it and telling its connections apart. It ends when this does, or when lxe is killed.
 */

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { getSystemErrorMessage } from "node:util";
import { UnavailableError, UnknownError } from "@lxe/cri";
import type { Context } from "../context.ts";
import { runInSandbox } from "../exec/in-sandbox.ts";
import { machineFor } from "../init/machine.ts";
import {
  CONTROL_TAG,
  type Outcome,
  OUTCOME_BYTES,
  readOutcome,
  RELAY_PROGRAM,
  relayProgram,
  relayRequest,
  TAG_BYTES,
} from "../init/relay.ts";
import { listenUnix } from "../platform/unix-listener.ts";
import type { PodPaths } from "../store/paths.ts";
import { RelayConnection } from "./relay-connection.ts";

export type RelayContext = Pick<Context, "lxd" | "files" | "paths" | "random" | "clock" | "node" | "log">;

/** What a relay may take to connect here, or a connection to say what it is. */
const SILENCE_MS = 10_000;

export class Relay implements AsyncDisposable {
  readonly #context: RelayContext;
  readonly #owned = new AsyncDisposableStack();
  readonly #awaited = new Map<string, (socket: Socket) => void>();
  readonly #ended = new AbortController();
  #control: Socket | undefined;

  private constructor(context: RelayContext) {
    this.#context = context;
  }

  /** @throws UnknownError when the program could not be started in the sandbox. */
  static async start(context: RelayContext, instance: string): Promise<Relay> {
    const relay = new Relay(context);
    try {
      await relay.#start(instance, context.paths.pod(instance));
      return relay;
    } catch (error) {
      await relay[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Aborts when the relay is gone. What it has connected goes on. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** A connection to `port` of the pod's localhost. @throws UnavailableError that says why not. */
  async connect(port: number, signal: AbortSignal): Promise<Duplex> {
    const { random } = this.#context;
    const tags = { fromPod: random.bytes(TAG_BYTES), toPod: random.bytes(TAG_BYTES) };
    const until = AbortSignal.any([signal, this.#ended.signal]);
    const fromPod = this.#await(tags.fromPod, until);
    const toPod = this.#await(tags.toPod, until);
    toPod.catch(() => undefined);
    this.#control?.write(relayRequest({ ...tags, port }));
    try {
      const socket = await fromPod;
      const outcome = readOutcome(await readExactly(socket, OUTCOME_BYTES));
      if (outcome.ipv4 !== 0 && outcome.ipv6 !== 0) throw refusal(port, outcome);
      return new RelayConnection(socket, await toPod);
    } catch (error) {
      this.#awaited.delete(tags.toPod.toString("hex"));
      void fromPod.then(
        (socket) => socket.destroy(),
        () => undefined,
      );
      throw error;
    }
  }

  /** Ends the program, and all that it has connected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new UnavailableError("port-forward has ended"));
    await this.#owned.disposeAsync();
  }

  async #start(instance: string, { relay, relaySocket }: PodPaths): Promise<void> {
    const { files, node } = this.#context;
    const machine = machineFor(node.facts().architecture);
    if (!machine) throw new UnknownError("ports cannot be forwarded on this architecture");
    this.#owned.defer(() => files.removeTree(relay));
    this.#owned.use(await listenUnix(relaySocket, (socket) => void this.#receive(socket)));
    const control = this.#await(CONTROL_TAG, this.#ended.signal);
    control.catch(() => undefined);
    await runInSandbox(this.#context, instance, { name: RELAY_PROGRAM, program: relayProgram(machine) });
    this.#control = await this.#inTime(control);
    this.#control.once("close", () => this.#ended.abort(new UnavailableError("the pod's relay has ended")));
    this.#control.resume();
  }

  async #inTime<T>(awaited: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.#context.clock.setTimeout(
      () => late.reject(new UnavailableError("the pod's relay does not answer")),
      SILENCE_MS,
    );
    try {
      return await Promise.race([awaited, late.promise]);
    } finally {
      timer.cancel();
    }
  }

  #await(tag: Uint8Array, signal: AbortSignal): Promise<Socket> {
    const key = Buffer.from(tag).toString("hex");
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const onAbort = (): void => {
      this.#awaited.delete(key);
      reject(signal.reason);
    };
    this.#awaited.set(key, (socket) => {
      this.#awaited.delete(key);
      signal.removeEventListener("abort", onAbort);
      resolve(socket);
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    return promise;
  }

  /** Whoever is not awaited, or does not say who it is, is cut off. */
  async #receive(socket: Socket): Promise<void> {
    socket.on("error", () => socket.destroy());
    const timer = this.#context.clock.setTimeout(() => socket.destroy(), SILENCE_MS);
    try {
      const tag = await readExactly(socket, TAG_BYTES);
      const take = this.#awaited.get(tag.toString("hex"));
      if (take) take(socket);
      else socket.destroy();
    } catch {
      socket.destroy();
    } finally {
      timer.cancel();
    }
  }
}

/** What comes behind stays in the socket. */
async function readExactly(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes?.length === count) return bytes;
    if (bytes || socket.readableEnded || socket.destroyed) throw new UnavailableError("the pod's relay has gone");
    await changed(socket);
  }
}

function changed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ["readable", "end", "close"];
    const done = (): void => {
      for (const event of events) socket.off(event, done);
      resolve();
    };
    for (const event of events) socket.on(event, done);
  });
}

function refusal(port: number, { ipv4, ipv6 }: Outcome): UnavailableError {
  const reasons = [
    ["IPv4", ipv4],
    ["IPv6", ipv6],
  ] as const;
  const text = reasons.flatMap(([family, errno]) =>
    errno === undefined ? [] : `${family}: ${getSystemErrorMessage(-errno) ?? `error ${errno}`}`,
  );
  return new UnavailableError(`failed to connect to localhost:${port} inside the pod: ${text.join(", ")}`);
}
