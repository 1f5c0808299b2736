import type { Recursion } from "../schema/common.ts";
import type {
  Instance,
  InstanceFull,
  InstancePatch,
  InstancePut,
  InstancesPost,
  InstanceSnapshot,
  SnapshotsPost,
} from "../schema/instance.ts";
import type { InstanceState, InstanceStatePut } from "../schema/instance-state.ts";
import type { Operation } from "../schema/operation.ts";
import type {
  ConsoleOptions,
  ConsoleSession,
  ExecCaptureOptions,
  ExecOptions,
  ExecResult,
  ExecSession,
} from "./exec.ts";
import type { FilesApi } from "./files.ts";
import type { CallOptions, ListOptions, ModifyOptions, OperationOptions, Tagged, WriteOptions } from "./options.ts";

/** What a list gives, by recursion. */
export interface InstanceLists {
  0: string[];
  1: Instance[];
  2: InstanceFull[];
}

export interface SnapshotsApi {
  list(instance: string, options?: CallOptions): Promise<InstanceSnapshot[]>;
  create(instance: string, body: SnapshotsPost, options?: OperationOptions): Promise<Operation>;
  restore(instance: string, snapshot: string, options?: OperationOptions): Promise<Operation>;
  delete(instance: string, snapshot: string, options?: OperationOptions): Promise<Operation>;
}

export interface LogsApi {
  /** File names, e.g. `lxc.log`, `lxc.conf`. */
  list(instance: string, options?: CallOptions): Promise<string[]>;
  /** The whole file. `not-found` if there is none. */
  get(instance: string, file: string, options?: CallOptions): Promise<Buffer>;
  delete(instance: string, file: string, options?: CallOptions): Promise<void>;
}

/** Methods that return a Promise of an Operation resolve when it has ended well, and reject with an LxdError if it did not. */
export interface InstancesApi {
  readonly files: FilesApi;
  readonly logs: LogsApi;
  readonly snapshots: SnapshotsApi;

  /** Default recursion 1. An instance that LXD could not read appears with status `Error` (112) and few fields. */
  list<R extends Recursion = 1>(options?: ListOptions & { recursion?: R | undefined }): Promise<InstanceLists[R]>;
  get(name: string, options?: CallOptions): Promise<Tagged<Instance>>;
  /** A taken name is `already-exists`, an unknown image `not-found`. */
  create(body: InstancesPost, options?: OperationOptions): Promise<Operation>;
  /** PUT: replaces everything. {@link modify} is safer. */
  update(name: string, body: InstancePut, options?: WriteOptions): Promise<Operation>;
  /**
   * Read, change, write with the ETag; again from the start on `conflict`. `change` gets a copy that it may edit, and returns
   * what to write, or undefined to leave all as it is. It can be called several times.
   */
  modify(
    name: string,
    change: (
      current: Required<Omit<InstancePut, "restore" | "stateful">>,
      instance: Instance,
    ) => InstancePut | undefined,
    options?: ModifyOptions,
  ): Promise<void>;
  /** Merges. LXD would reset a description that is not sent, so without one in `body` it is read first. */
  patch(name: string, body: InstancePatch, options?: WriteOptions): Promise<void>;
  /** `already-running` here means: stop it first. */
  delete(name: string, options?: OperationOptions): Promise<Operation>;
  /** Stopped instances only. */
  rename(name: string, newName: string, options?: OperationOptions): Promise<Operation>;
  state(name: string, options?: CallOptions): Promise<InstanceState>;
  /** `already-running`, `already-stopped`, `not-running` tell what was the matter. */
  setState(name: string, body: InstanceStatePut, options?: OperationOptions): Promise<Operation>;

  /** Starts a command; resolves when its streams are connected. */
  exec(name: string, exec: ExecOptions, options?: CallOptions): Promise<ExecSession>;
  /** Runs a command to its end and keeps its output. Aborting kills it. */
  execCapture(name: string, exec: ExecCaptureOptions, options?: CallOptions): Promise<ExecResult>;
  /** Attaches to /dev/console. */
  console(name: string, console?: ConsoleOptions, options?: CallOptions): Promise<ConsoleSession>;
  /** What was written to the console: a bounded ring buffer while running, console.log after. Lines end in \r\n. Empty if there is nothing. */
  consoleLog(name: string, options?: CallOptions): Promise<Buffer>;
}
