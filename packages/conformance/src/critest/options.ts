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
  /** What stands behind `--`: critest's own flags. */
  readonly flags: readonly string[];
}

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
    },
  });
  const { arm, focus, skip, out } = values;
  if (arm !== "fake" && arm !== "host") throw new TypeError(`--arm is fake or host, not ${JSON.stringify(arm)}`);
  return {
    arm,
    focus,
    skip,
    out: resolve(out ?? `reports/critest/${arm}`),
    flags: end === -1 ? [] : args.slice(end + 1),
  };
}
