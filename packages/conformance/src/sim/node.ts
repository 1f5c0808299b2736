/**
 * The simulated node: LXD, the disk, and the lxe that runs at the moment. It starts and kills them; what pods do on it is the kubelet's
 * business.
 */
import { busyboxImage as busyboxTar } from "../support/busybox-image.ts";
import { NO_PROGRAM } from "../arms/fake.ts";
import { MemoryLxd } from "@lxe/fake-lxd";
import {
  type Composition,
  composeLxe,
  createConfig,
  createSeededRandom,
  createSilentLogger,
  prepareStateDir,
} from "lxe";
import { createLxdClient, type LxdClient } from "@lxe/lxd-client";
import { Cgroups, hostKernelOn } from "./cgroups.ts";
import { Disk } from "./disk.ts";
import { guestHostOn } from "./guest-host.ts";
import { hostFilesOn, hostMounts, initSocketsOn } from "./host-files.ts";
import { Life, type OnBoundary } from "./life.ts";
import { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./time.ts";
import type { Trace } from "./trace.ts";
import { type SimulatedWire, type WireObserver, wireTo } from "./wire.ts";

export const STATE_DIR = "/var/lib/lxe";
export const BUSYBOX = "busybox";

/** One lxe process. */
export interface LxeLife extends Composition {
  readonly life: Life;
  readonly wire: SimulatedWire;
}

export interface NodeOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  readonly observer: WireObserver;
  /** Before and after each step that lxe takes outside of its memory: the moment to kill it. */
  readonly onBoundary: OnBoundary;
}

export class SimulatedNode {
  readonly disk: Disk;
  readonly cgroups = new Cgroups();
  readonly ledger = new Ledger();
  readonly lxd: MemoryLxd;
  /** For the simulation's own looks at LXD; no faults, no kills. */
  readonly #options: NodeOptions;
  #lxe: LxeLife | undefined;
  #lives = 0;

  constructor(options: NodeOptions) {
    this.#options = options;
    const { time, random } = options;
    this.disk = new Disk(() => time.elapsedMs);
    for (const directory of ["/etc", "/var/lib", "/var/log/pods", "/tmp"]) this.disk.makeDirectories(directory, 0o755);
    this.lxd = new MemoryLxd({
      seed: 0,
      random: { next: () => random.float() },
      clock: time.fakeClock,
      timing: "quick",
      host: guestHostOn(this.disk, (path, data) => this.ledger.onWrite(path, data)),
    });
  }

  get lxe(): LxeLife | undefined {
    return this.#lxe;
  }

  /** LXD with an image, and no lxe yet. */
  async prepare(): Promise<void> {
    await this.lxd.boot();
    const client = this.ownClient();
    const [architecture = ""] = (await client.server.get()).environment?.architectures ?? [];
    const image = await busyboxTar({ busybox: NO_PROGRAM, architecture, flavour: "simulation", madeAt: new Date(0) });
    const { fingerprint } = await client.images.upload({ file: image });
    await client.images.aliases.create({ name: BUSYBOX, target: fingerprint });
  }

  /** A client of the simulation itself: no part of any life of lxe. */
  ownClient(): LxdClient {
    const { time } = this.#options;
    const silent: WireObserver = { onRequest: () => undefined, onReply: () => undefined };
    const wire = wireTo(this.lxd.link, time.clock, new Life(() => undefined), silent);
    const clock = {
      now: () => time.elapsedMs,
      setTimeout: (run: () => void, delayMs: number) => {
        const timer = time.clock.setTimeout(run, delayMs);
        return () => timer.cancel();
      },
    };
    return createLxdClient({ wire }, { clock, random: () => 0.5 });
  }

  /** A new process; the one before must be dead. */
  startLxe(): LxeLife {
    const { time, random, trace, observer, onBoundary } = this.#options;
    this.#lives += 1;
    trace.add(`lxe starts (${this.#lives})`);
    const life = new Life(onBoundary);
    const wire = wireTo(this.lxd.link, time.clock, life, observer);
    const seeded = createSeededRandom(Math.floor(random.float() * 2 ** 32));
    const composition = composeLxe({
      platform: {
        clock: {
          ...time.clock,
          setTimeout: (run, delayMs) => time.clock.setTimeout(() => life.alive && run(), delayMs),
          sleep: (delayMs, signal) => life.pass("sleep", () => time.clock.sleep(delayMs, signal)),
        },
        random: seeded,
        files: hostFilesOn(life, this.disk),
        mounts: hostMounts,
        initSockets: initSocketsOn(life, this.disk),
        kernel: hostKernelOn(life, this.cgroups),
        log: createSilentLogger(),
      },
      config: createConfig({ stateDir: STATE_DIR, bridgeName: "lxdbr0" }),
      lxd: { wire },
      environment: {},
      architecture: "x64",
    });
    const lxe = { ...composition, life, wire };
    this.#lxe = lxe;
    void prepareStateDir(composition.context).then(() => composition.session.open());
    return lxe;
  }

  killLxe(why: string): void {
    if (this.#lxe === undefined) return;
    this.#options.trace.add(`lxe is killed: ${why}`);
    this.#lxe.life.kill();
    this.#lxe = undefined;
  }
}
