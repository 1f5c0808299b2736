/** `POST /1.0/instances/{name}/exec` and `/console`, and what their operations' metadata says. */
import type { ConfigMap } from "./common.ts";

/** Mind the dashes. */
export interface InstanceExecPost {
  command: string[];
  environment?: ConfigMap | undefined;
  "wait-for-websocket"?: boolean | undefined;
  "record-output"?: boolean | undefined;
  interactive?: boolean | undefined;
  width?: number | undefined;
  height?: number | undefined;
  user?: number | undefined;
  group?: number | undefined;
  cwd?: string | undefined;
}

export interface InstanceConsolePost {
  width?: number | undefined;
  height?: number | undefined;
  type?: "console" | "vga" | undefined;
  /** Incus only: take over from a client that is attached. */
  force?: boolean | undefined;
}

/** Secrets for the websockets. Interactive and console have no 1 and 2: 0 goes both ways. */
export interface ExecFds {
  "0": string;
  "1"?: string;
  "2"?: string;
  control?: string;
}

export interface ExecOperationMetadata {
  command: string[];
  environment: ConfigMap;
  interactive: boolean;
  fds?: ExecFds;
  /** Exit code, 128+n for a signal. Present once it has ended. */
  return?: number;
  /** With record-output: URLs by "1" and "2". */
  output?: Record<string, string>;
}

/** JSON text frames on the control websocket. Sizes are text. */
export type ExecControl =
  | { command: "window-resize"; args: { width: string; height: string } }
  | { command: "signal"; signal: number };
