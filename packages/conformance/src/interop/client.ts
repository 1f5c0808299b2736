/** What tests of clients that others wrote need of each of them. */
import type { Duplex, Readable } from "node:stream";

export interface InteropClient {
  readonly name: string;
  /** `input` is the command's standard input; without it there is none, as in the request that the URL is for. */
  exec(url: string, input?: Readable): Promise<InteropExec>;
  attach(url: string, input: Readable): Promise<InteropAttach>;
  /** To one port of the pod. `port` has to be in the request that the URL is for. */
  forward(url: string, port: number): Promise<InteropForward>;
  /** Whether a forwarded connection can be ended in one direction. */
  readonly halfCloses: boolean;
}

export interface InteropAttach {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** As SIGKILL does it. */
  readonly kill: () => Promise<void>;
}

export interface InteropExec extends InteropAttach {
  /** The exit code, as the client understood it. Output that nobody reads keeps it from coming. */
  readonly exitCode: Promise<number>;
}

export interface InteropForward {
  readonly connection: Duplex;
  readonly kill: () => Promise<void>;
}
