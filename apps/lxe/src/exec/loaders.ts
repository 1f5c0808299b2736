/**
 * Loaders: programs of ours that lie ready in a container's directory, each with a socket on which it gets what it is to do. LXD can be
 * asked to start one at once; what else its command needs is made meanwhile. Owns which of them are free.
 *
 * A loader that LXD may start yet, for a command that was given up, is never given to another.
 */

import { join } from "node:path";
import type { Context } from "../context.ts";
import { insidePath, loaderProgram } from "../init/exec.ts";
import type { Machine } from "../init/machine.ts";
import type { ContainerRecord } from "../model/records.ts";
import type { Timer } from "../platform/clock.ts";
import type { InitListener } from "../platform/init-socket.ts";
import { makeTogether, type Together } from "../platform/make-together.ts";
import { commandName } from "./program.ts";

type LoadersContext = Pick<Context, "files" | "initSockets" | "paths" | "random" | "clock" | "tidying">;

/** Anybody in the container may start it: it does nothing by itself. */
const PROGRAM_MODE = 0o755;
/** Enough for most commands. It takes no room on the disk. */
const IMAGE_BYTES = 128 * 1024;
/** Kept of one container: as many as the kubelet has probes. */
const FREE_MAX = 3;
/** Longer than most probes wait between two commands. */
const IDLE_MS = 120_000;

export class Loader {
  readonly name: string;
  readonly listener: InitListener;
  /** Of what it can load. */
  readonly imageBytes: number;
  readonly #owned: Together<readonly AsyncDisposable[]>;
  idle: Timer | undefined;

  constructor(name: string, imageBytes: number, listener: InitListener, owned: Together<readonly AsyncDisposable[]>) {
    this.name = name;
    this.imageBytes = imageBytes;
    this.listener = listener;
    this.#owned = owned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.idle?.cancel();
    await this.#owned[Symbol.asyncDispose]();
  }
}

interface Pool {
  readonly free: Loader[];
  isClosed: boolean;
}

export class Loaders {
  readonly #context: LoadersContext;
  /** By instance. */
  readonly #pools = new Map<string, Pool>();
  #isClosed = false;

  constructor(context: LoadersContext) {
    this.#context = context;
  }

  /** For one command. Dispose of what it returns when the command has ended, or was given up. */
  async take(container: ContainerRecord, machine: Machine, image: Buffer): Promise<TakenLoader> {
    const { instance } = container;
    const pool = this.#pools.get(instance) ?? { free: [], isClosed: this.#isClosed };
    this.#pools.set(instance, pool);
    const at = pool.free.findLastIndex(({ imageBytes }) => imageBytes >= image.length);
    const [found] = at < 0 ? [] : pool.free.splice(at, 1);
    found?.idle?.cancel();
    const loader = found ?? (await this.#make(instance, machine, Math.max(IMAGE_BYTES, image.length)));
    return new TakenLoader(loader, (isFree) => this.#putBack(pool, loader, isFree));
  }

  async #make(instance: string, machine: Machine, imageBytes: number): Promise<Loader> {
    const { files, initSockets, paths } = this.#context;
    const name = commandName(this.#context);
    const path = join(paths.container(instance).directory, name);
    const write = async (): Promise<AsyncDisposable> => {
      const program = loaderProgram(machine, insidePath(name, "sock"), imageBytes);
      await files.writeNewFile(path, program, { mode: PROGRAM_MODE });
      return { [Symbol.asyncDispose]: () => files.removeFile(path) };
    };
    const made = await makeTogether([initSockets.listen(`${path}.sock`), write()]);
    return new Loader(name, imageBytes, made.all[0], made);
  }

  #putBack(pool: Pool, loader: Loader, isFree: boolean): void {
    if (!isFree || pool.isClosed || pool.free.length >= FREE_MAX) return this.#context.tidying.leave(loader);
    pool.free.push(loader);
    loader.idle = this.#context.clock.setTimeout(() => {
      pool.free.splice(pool.free.indexOf(loader), 1);
      this.#context.tidying.leave(loader);
    }, IDLE_MS);
  }

  /** The container is gone, or its directory is about to be. */
  drop(instance: string): void {
    const pool = this.#pools.get(instance);
    if (!pool) return;
    this.#pools.delete(instance);
    pool.isClosed = true;
    for (const loader of pool.free.splice(0)) this.#context.tidying.leave(loader);
  }

  /** Removes those that are free, and all others when their commands have ended. */
  close(): void {
    this.#isClosed = true;
    for (const instance of this.#pools.keys()) this.drop(instance);
  }
}

/** A loader that is one command's own. */
export class TakenLoader implements Disposable {
  readonly #loader: Loader;
  readonly #putBack: (isFree: boolean) => void;
  #hasEnded = false;

  constructor(loader: Loader, putBack: (isFree: boolean) => void) {
    this.#loader = loader;
    this.#putBack = putBack;
  }

  get name(): string {
    return this.#loader.name;
  }

  get listener(): InitListener {
    return this.#loader.listener;
  }

  /** LXD's operation is over: it does not start the loader any more. */
  markEnded(): void {
    this.#hasEnded = true;
  }

  [Symbol.dispose](): void {
    const { listener } = this.#loader;
    const isFree = this.#hasEnded && listener.hasEnded;
    // one that LXD starts before it is removed has nothing to do any more
    if (!isFree) listener.renew(Promise.reject(new Error("the command was given up")));
    this.#putBack(isFree);
  }
}
