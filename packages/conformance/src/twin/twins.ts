/** The two LXDs, prepared alike: a fake one of this process, and a real one that runs already. */
import { type FakeLxd, startFakeLxd } from "@lxe/fake-lxd";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { prepareLane, removeLane } from "./clean.ts";
import { EventLog } from "./event-log.ts";
import { HttpClient } from "./http.ts";
import { type TwinImages, twinImages } from "./images.ts";
import { LANES, type Lane } from "./lane.ts";
import type { Placeholders } from "./normalise.ts";
import { Side } from "./side.ts";

export interface Twins extends AsyncDisposable {
  images(lane: Lane): TwinImages;
  /** The fake's and the real one's; the caller disposes of them. */
  sides(lane: Lane): [fake: Side, real: Side];
}

export interface TwinsOptions {
  readonly realSocket: string;
  /** A static one, for the image. */
  readonly busybox: string;
}

interface End extends AsyncDisposable {
  readonly name: "fake" | "real";
  readonly http: HttpClient;
  readonly events: EventLog;
  readonly own: Placeholders;
}

export async function startTwins({ realSocket, busybox }: TwinsOptions): Promise<Twins> {
  const fake = await startFakeLxd();
  const ends = await Promise.all([connect("fake", fake.socketPath), connect("real", realSocket)]);
  const images = new Map<Lane, TwinImages>();
  for (const lane of LANES) images.set(lane, await twinImages(busybox, "x86_64", lane.project));
  const twins = new RunningTwins(fake, ends, images);
  for (const lane of LANES) {
    for (const side of twins.sides(lane)) {
      using used = side;
      await prepareLane(used);
    }
  }
  return twins;
}

class RunningTwins implements Twins {
  readonly #images: ReadonlyMap<Lane, TwinImages>;
  readonly #fake: FakeLxd;
  readonly #ends: readonly [End, End];

  constructor(fake: FakeLxd, ends: readonly [End, End], images: ReadonlyMap<Lane, TwinImages>) {
    this.#fake = fake;
    this.#ends = ends;
    this.#images = images;
  }

  images(lane: Lane): TwinImages {
    const images = this.#images.get(lane);
    if (images === undefined) throw new Error(`no lane ${lane.project}`);
    return images;
  }

  sides(lane: Lane): [Side, Side] {
    const { busybox, other } = this.images(lane);
    const shared = {
      net: lane.net,
      subnet: lane.subnet,
      image: busybox.fingerprint,
      other: other.fingerprint,
    };
    const [fake, real] = this.#ends;
    return [new Side({ ...fake, lane, shared }), new Side({ ...real, lane, shared })];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lane of LANES) {
      const [fake, real] = this.sides(lane);
      fake[Symbol.dispose]();
      using used = real;
      await removeLane(used);
    }
    for (const end of this.#ends) await end[Symbol.asyncDispose]();
    await this.#fake.close();
  }
}

async function connect(name: "fake" | "real", socketPath: string): Promise<End> {
  const http = new HttpClient(socketPath);
  const events = await EventLog.open(socketPath);
  const directory = await hostDirectory(name);
  const own = { dir: directory, port: String(await freePort()), lxd: socketPath.replace(/\/unix\.socket$/, "") };
  return {
    name,
    http,
    events,
    own,
    [Symbol.asyncDispose]: async () => {
      http[Symbol.dispose]();
      events[Symbol.dispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** What disks of sequences have for a source. */
async function hostDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `twin-${name}-`));
  await mkdir(join(directory, "sub"));
  await writeFile(join(directory, "sub/inner"), "inner\n");
  await writeFile(join(directory, "file"), "file\n");
  return directory;
}
