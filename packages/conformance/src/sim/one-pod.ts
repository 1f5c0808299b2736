/** A node and one pod, for tests that play a single course: what goes wrong, and when, is theirs. */
import { CriCalls } from "./cri-calls.ts";
import { SimulatedNode } from "./node.ts";
import { type ContainerPlan, type PodPlan, podDirectory } from "./plan.ts";
import { Random } from "./random.ts";
import { VirtualTime } from "./time.ts";
import { Trace } from "./trace.ts";
import type { WireObserver } from "./wire.ts";

/** Runs until it is stopped. */
export const APP: ContainerPlan = {
  name: "app",
  exitCode: undefined,
  lines: 1,
  gapMs: 0,
  onTerm: "handles",
  graceS: 10,
  limits: undefined,
};

export const POD: PodPlan = {
  name: "web",
  uid: "uid-1",
  containers: [APP],
  restarts: false,
  lifetimeMs: Number.POSITIVE_INFINITY,
  isBrief: false,
  sharedPid: false,
};

export interface OnePod {
  readonly time: VirtualTime;
  readonly node: SimulatedNode;
  readonly calls: CriCalls;
  /** From now on it is told of lxe's requests to LXD. */
  readonly watch: (observer: Partial<WireObserver>) => void;
  /** Resolves when it has read all of LXD. */
  readonly startLxe: () => Promise<void>;
}

function onViolation(violation: Error): never {
  throw violation;
}

/** Runs it on a node that has LXD, and an lxe that is ready. */
export function withOnePod<T>(run: (pod: OnePod) => Promise<T>): Promise<T> {
  const time = new VirtualTime();
  const trace = new Trace(() => time.elapsedMs);
  let observer: Partial<WireObserver> = {};
  const node = new SimulatedNode({
    time,
    random: new Random(1),
    trace,
    observer: {
      onRequest: (...request) => observer.onRequest?.(...request),
      onReply: (...reply) => observer.onReply?.(...reply),
    },
    onBoundary: () => undefined,
  });
  const watch = (next: Partial<WireObserver>): void => {
    observer = next;
  };
  const calls = new CriCalls({ node, time, trace, onViolation });
  const startLxe = async (): Promise<void> => {
    const { session } = node.startLxe();
    while (!session.synchronised) await time.sleep(10);
  };
  const all = async (): Promise<T> => {
    await node.prepare();
    await startLxe();
    node.disk.makeDirectories(podDirectory(POD), 0o755);
    const result = await run({ time, node, calls, watch, startLxe });
    node.killLxe("the test ends");
    return result;
  };
  return time.drive(all());
}
