/** The bundled `lxe serve` as a process of its own, with nothing in its way: messages of level info, to a file. */
import { type CriClient, createCriClient } from "@lxe/cri";
import { type Child, startChild } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";

export interface LxeOptions {
  readonly program: string;
  /** Of Node, before the program: `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  readonly socket: string;
  readonly stateDir: string;
  readonly lxdSocket: string;
  readonly bridgeName: string;
  /** `FIRST-LAST`, the addresses for pods. */
  readonly addresses?: string;
  readonly logFile: string;
}

export interface LxeProcess extends AsyncDisposable {
  readonly pid: number;
  readonly cri: CriClient;
  readonly socket: string;
  /** It does nothing until it is resumed. */
  suspend(): void;
  /** Resolves when it answers again. */
  resume(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 5;

/** Resolves when it is ready; until then the socket is asked every 5 ms. */
export async function startLxe(options: LxeOptions): Promise<LxeProcess> {
  const child = startChild(commandOf(options), { logFile: options.logFile, env: environmentOfLxe() });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => child.end("SIGTERM"));
  const cri = undo.use(createCriClient(`unix://${options.socket}`, { timeoutMs: 120_000 }));
  await Promise.race([whenReady(cri), whenGone(child)]);
  const owned = undo.move();
  return {
    pid: child.pid,
    cri,
    socket: options.socket,
    suspend: () => void process.kill(child.pid, "SIGSTOP"),
    resume: async () => {
      process.kill(child.pid, "SIGCONT");
      await cri.version({});
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function commandOf(options: LxeOptions): [string, ...string[]] {
  return [
    process.execPath,
    ...(options.nodeOptions ?? []),
    options.program,
    "serve",
    `--socket=${options.socket}`,
    `--state-dir=${options.stateDir}`,
    `--lxd-socket=${options.lxdSocket}`,
    `--bridge-name=${options.bridgeName}`,
    ...(options.addresses === undefined ? [] : [`--bridge-dhcp-range=${options.addresses}`]),
  ];
}

/** Without settings of lxe: those of whoever runs this are not meant for it. */
function environmentOfLxe(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LXE_")));
}

async function whenReady(cri: CriClient): Promise<void> {
  await eventually(
    "lxe is ready",
    async () => (await cri.status({}, { timeoutMs: 5000 })).status?.conditions ?? [],
    (conditions) => conditions.length >= 2 && conditions.every(({ status }) => status),
    { timeoutMs: READY_TIMEOUT_MS, intervalMs: POLL_MS },
  );
}

async function whenGone(child: Child): Promise<never> {
  throw new Error(`${await child.exited}:\n${child.lastOutput()}`);
}
