/** Puts a fake LXD together: world, daemon, server; and lets the daemon die and come back. */
import type { Duplex } from "node:stream";
import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { connectionError, MemoryApi, type MemoryLink } from "./fabric/memory.ts";
import { type ApiServer, startApiServer } from "./fabric/server.ts";
import { createGuestKernel } from "./guest/index.ts";
import { Daemon } from "./kernel/daemon.ts";
import { bootInstances } from "./kernel/instances/autostart.ts";
import { hostArchitecture, kernelVersion } from "./kernel/server/server-info.ts";
import { prepareWorld } from "./kernel/prepare.ts";
import { World } from "./kernel/world.ts";
import { timings } from "./limits.ts";
import type { FakeLxd, FakeLxdOptions, MemoryLxdOptions } from "./options.ts";
import { seededRandom } from "./platform/seeded.ts";
import { systemHost } from "./platform/system-host.ts";
import { freshSeed, systemClock } from "./platform/system.ts";
import { RuleBook } from "./rules/rules.ts";

interface Life {
  daemon: Daemon;
  server: ApiServer;
}

/** A daemon that is reached without sockets, and touches nothing of the real host. */
export class MemoryLxd {
  readonly rules: RuleBook;
  readonly #world: World;
  #life: { daemon: Daemon; api: MemoryApi } | undefined;

  constructor(options: MemoryLxdOptions) {
    this.#world = worldFor({ ...options, kernelLog: undefined }, options.seed, "/var/lib/lxd");
    this.rules = this.#world.rules;
  }

  /** To the daemon that runs at the moment of each call. */
  readonly link: MemoryLink = {
    request: async (request) => {
      if (this.#life === undefined) throw connectionError("ECONNREFUSED");
      return await this.#life.api.request(request);
    },
    events: (path, peer) => {
      if (this.#life !== undefined) return this.#life.api.events(path, peer);
      queueMicrotask(() => peer.onClose());
      return { [Symbol.dispose]: () => undefined };
    },
  };

  async boot(): Promise<void> {
    this.crash();
    const daemon = new Daemon(this.#world);
    await bootInstances(daemon);
    this.#life = { daemon, api: new MemoryApi({ daemon, onCrash: () => this.crash() }) };
  }

  get running(): boolean {
    return this.#life !== undefined;
  }

  /** As `FakeLxd.crash`. */
  crash(): void {
    const life = this.#life;
    this.#life = undefined;
    life?.daemon.die();
    life?.api.destroy();
  }
}

class InProcessLxd implements FakeLxd {
  readonly socketPath: string;
  readonly seed: number;
  readonly rules: RuleBook;
  readonly #world: World;
  readonly #temporary: string | undefined;
  #life: Life | undefined;

  constructor(socketPath: string, seed: number, world: World, temporary: string | undefined) {
    this.socketPath = socketPath;
    this.seed = seed;
    this.rules = world.rules;
    this.#world = world;
    this.#temporary = temporary;
  }

  get running(): boolean {
    return this.#life?.daemon.alive ?? false;
  }

  async boot(): Promise<void> {
    const daemon = new Daemon(this.#world);
    await bootInstances(daemon);
    const onCrash = () => void this.crash();
    const server = await startApiServer({ daemon, socketPath: this.socketPath, onCrash });
    this.#life = { daemon, server };
  }

  async crash(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    if (life === undefined) return;
    life.daemon.die();
    await life.server.destroy();
  }

  async restart(): Promise<void> {
    await this.crash();
    await rm(this.socketPath, { force: true });
    await this.boot();
  }

  connect(address: string, port: number): Promise<Duplex> {
    return this.#world.guests.connect(address, port);
  }

  async close(): Promise<void> {
    await this.crash();
    await this.#world.close();
    await rm(this.socketPath, { force: true });
    if (this.#temporary !== undefined) await rm(this.#temporary, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Synchronous: a line is there before anybody can see what it tells of. */
function appendTo(path: string): (line: string) => void {
  return (line) => appendFileSync(path, `6,1,1,-;${line}\n`);
}

function worldFor(options: FakeLxdOptions, seed: number, directory: string): World {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? seededRandom(seed);
  const rules = new RuleBook(random);
  for (const rule of options.faults ?? []) rules.add(rule);
  const timing = typeof options.timing === "object" ? options.timing : timings[options.timing ?? "quick"];
  const architecture = hostArchitecture();
  const guests = createGuestKernel({
    clock,
    random,
    host: options.host ?? systemHost,
    kernelVersion: kernelVersion(),
    architecture,
    ...(options.kernelLog !== undefined && { log: appendTo(options.kernelLog) }),
  });
  const world = new World({ clock, random, rules, timing, guests, directory, architecture });
  prepareWorld(world);
  return world;
}

/** A daemon with a storage pool `default`, a bridge `lxdbr0` and a profile `default` with a root disk and an `eth0`. */
export async function startFakeLxd(options: FakeLxdOptions = {}): Promise<FakeLxd> {
  const temporary = options.socketPath === undefined ? await mkdtemp(join(tmpdir(), "fake-lxd-")) : undefined;
  const socketPath = resolve(options.socketPath ?? join(temporary ?? "", "unix.socket"));
  const seed = options.seed ?? freshSeed();
  const fake = new InProcessLxd(socketPath, seed, worldFor(options, seed, dirname(socketPath)), temporary);
  await fake.boot();
  return fake;
}
