/**
 * The LXD calls that lxe made for one pod, to be made again without lxe: in the same order and as much at once, with a fresh
 * name and address. Calls that lxe made because an event told it to begin as long after the change as they did then.
 */
import { isLxdError, type LxdClient } from "@lxe/lxd-client";
import { cp, lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Rpc, RPCS } from "./pods.ts";
import type { RecordedCall } from "../support/recording-proxy.ts";

export type Spans = Readonly<Record<Rpc, Span>>;

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Step {
  readonly call: RecordedCall;
  /** Changes are made one after another; reads begin when the change before them has ended, or so long after its start. */
  readonly afterStartMs: number | undefined;
  /** A read that lxe did not wait for. */
  readonly background: boolean;
}

/** What lxe asked LXD during each RPC. */
export type Script = Readonly<Record<Rpc, readonly Step[]>>;

/** Recorded ends of operations are this late at most: the recorder has to be told of them, too. */
const LATENESS_MS = 3;

export function scriptOf(calls: readonly RecordedCall[], spans: Spans): Script {
  const steps = (rpc: Rpc): readonly Step[] => {
    const { startMs, endMs } = spans[rpc];
    const own = calls.filter((call) => call.startMs >= startMs && call.startMs < endMs);
    return own.map((call) => stepOf(call, own.filter(isChange), endMs));
  };
  return {
    RunPodSandbox: steps("RunPodSandbox"),
    CreateContainer: steps("CreateContainer"),
    StartContainer: steps("StartContainer"),
  };
}

export const isChange = ({ method }: RecordedCall): boolean => method !== "GET";

function stepOf(call: RecordedCall, changes: readonly RecordedCall[], rpcEndMs: number): Step {
  const during = isChange(call) ? undefined : changes.find((change) => began(call, change));
  return {
    call,
    afterStartMs: during && call.startMs - during.startMs,
    background: !isChange(call) && call.endMs > rpcEndMs,
  };
}

const began = (call: RecordedCall, change: RecordedCall): boolean =>
  call.startMs > change.startMs && call.startMs < change.endMs - LATENESS_MS;

export interface Identity {
  /** Of the sandbox's instance; those of the containers begin with it. */
  readonly instance: string;
  readonly address: string;
}

/** The same requests under another identity; lxe does not take the instances for its own. */
export function rename(text: string, from: Identity, to: Identity): string {
  return text
    .replaceAll(from.instance, to.instance)
    .replaceAll(from.address, to.address)
    .replaceAll("user.lxe.", "user.bench.");
}

/** Identity of the recorded pod. */
export function identityOf(calls: readonly RecordedCall[]): Identity {
  const first = calls.find(({ method, path }) => method === "POST" && path === "/1.0/instances");
  const body = JSON.parse(first?.body ?? "{}") as { name?: string; devices?: Record<string, Record<string, string>> };
  const { name: instance, devices } = body;
  const address = devices?.["eth0"]?.["ipv4.address"];
  if (instance === undefined || address === undefined) throw new Error("no creation of a sandbox was recorded");
  return { instance, address };
}

/** lxe's files of the pod, which its instances mount: kept before it goes, and put back under another name. */
export async function copyFiles(from: string, to: string, instances: readonly string[], naming: Naming): Promise<void> {
  for (const kind of ["pods", "containers"]) {
    for (const instance of instances) {
      const source = join(from, kind, instance);
      if (!(await exists(source))) continue;
      await mkdir(join(to, kind), { recursive: true, mode: 0o711 });
      await cp(source, join(to, kind, naming(instance)), { recursive: true, filter: isNoSocket });
    }
  }
}

export type Naming = (instance: string) => string;

const exists = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined)) !== undefined;
const isNoSocket = async (path: string): Promise<boolean> => !(await lstat(path)).isSocket();

export interface Replayed {
  /** Of the calls that lxe waited for, with their gaps. */
  readonly ms: number;
  /** Of the calls that change something, one after another. */
  readonly changesMs: number;
}

export class Replay {
  readonly #lxd: LxdClient;
  readonly #script: Script;
  readonly #from: Identity;

  constructor(lxd: LxdClient, script: Script, from: Identity) {
    this.#lxd = lxd;
    this.#script = script;
    this.#from = from;
  }

  async run(rpc: Rpc, identity: Identity): Promise<Replayed> {
    const begin = performance.now();
    const background: Promise<unknown>[] = [];
    let change: Promise<number> = Promise.resolve(0);
    let changed = begin;
    const foreground: Promise<unknown>[] = [];
    for (const { call, afterStartMs, background: inBackground } of this.#script[rpc]) {
      if (isChange(call)) {
        await Promise.all(foreground.splice(0));
        changed = performance.now();
        change = this.#timedChange(call, identity, await change);
        continue;
      }
      if (afterStartMs === undefined) {
        await change;
        await Promise.all(foreground.splice(0));
      } else {
        await delay(Math.max(0, changed + afterStartMs - performance.now()));
      }
      (inBackground ? background : foreground).push(this.#read(call, identity));
    }
    const changesMs = await change;
    await Promise.all(foreground);
    const ms = performance.now() - begin;
    await Promise.all(background);
    return { ms, changesMs };
  }

  async #timedChange(call: RecordedCall, identity: Identity, before: number): Promise<number> {
    const start = performance.now();
    await this.#send(call, identity);
    return before + performance.now() - start;
  }

  /** In the midst of a change there may be nothing to read yet. */
  async #read(call: RecordedCall, identity: Identity): Promise<void> {
    await this.#send(call, identity).catch((error: unknown) => {
      if (!isLxdError(error, "not-found")) throw error;
    });
  }

  async #send({ method, path, body }: RecordedCall, identity: Identity): Promise<void> {
    const [pathname = "", query = ""] = rename(path, this.#from, identity).split("?", 2);
    const [, instance, file] = /^\/1\.0\/instances\/([^/]+)\/logs\/([^/]+)$/.exec(pathname) ?? [];
    // a file is no JSON
    if (instance !== undefined && file !== undefined) return void (await this.#lxd.instances.logs.get(instance, file));
    const text = rename(body, this.#from, identity);
    await this.#lxd.request({
      method: method as "GET",
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(query)),
      ...(text !== "" && { body: JSON.parse(text) as unknown }),
    });
  }
}

/** Total number of calls. */
export const callsIn = (script: Script): number => RPCS.reduce((sum, rpc) => sum + script[rpc].length, 0);
