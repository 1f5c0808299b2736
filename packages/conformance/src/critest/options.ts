/** The command line of `npm run critest`. Pure. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface CritestOptions {
  readonly arm: "fake" | "host";
  /** Regular expressions over the specs' whole names; none: all specs. */
  readonly focus: readonly string[];
  readonly skip: readonly string[];
  /** For logs and critest's own report. */
  readonly out: string;
  /** critest's own: what stands behind `--`, and what `--websocket` means. */
  readonly flags: readonly string[];
}

/** Streams over WebSocket, where critest's own choice is SPDY. */
const WEBSOCKET_FLAGS = ["-websocket-exec", "-websocket-attach", "-websocket-portforward"];

/** @throws TypeError with a sentence for people */
export function parseOptions(args: readonly string[]): CritestOptions {
  const end = args.indexOf("--");
  const { values } = parseArgs({
    args: end === -1 ? [...args] : args.slice(0, end),
    options: {
      arm: { type: "string", default: "fake" },
      focus: { type: "string", multiple: true, default: [] },
      skip: { type: "string", multiple: true, default: [] },
      out: { type: "string" },
      websocket: { type: "boolean", default: false },
    },
  });
  const { arm, focus, skip, out, websocket } = values;
  if (arm !== "fake" && arm !== "host") throw new TypeError(`--arm is fake or host, not ${JSON.stringify(arm)}`);
  return {
    arm,
    focus,
    skip,
    out: resolve(out ?? `reports/critest/${arm}${websocket ? "-websocket" : ""}`),
    flags: [...(websocket ? WEBSOCKET_FLAGS : []), ...(end === -1 ? [] : args.slice(end + 1))],
  };
}
