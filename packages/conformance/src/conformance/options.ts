/** The command line of `npm run conformance`. */
import { parseArgs } from "node:util";

export const ARM_NAMES = ["fake", "host", "lxd", "incus", "containerd"] as const;
export type ArmName = (typeof ARM_NAMES)[number];

export interface Options {
  readonly arms: readonly ArmName[];
  /** A regular expression over theme and title. */
  readonly grep: string | undefined;
  readonly out: string;
  /** An arm that cannot be had is a failure. */
  readonly required: boolean;
  /** Instead of Debian's image, for the arms in Docker. */
  readonly base: string | undefined;
}

export const USAGE = `usage: npm run conformance -- --arm ${ARM_NAMES.join("|")}|all ... [--grep TEXT] [--out DIR] [--required] [--base IMAGE]`;

/** The text says what is wrong. */
export function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        arm: { type: "string", multiple: true, default: [] },
        grep: { type: "string" },
        out: { type: "string", default: "reports/conformance" },
        required: { type: "boolean", default: false },
        base: { type: "string" },
      },
    });
    const names = values.arm.flatMap((value) => value.split(","));
    const unknown = names.find((name) => name !== "all" && !isArmName(name));
    if (unknown !== undefined) return `there is no arm "${unknown}"`;
    if (names.length === 0) return "which arm?";
    const arms = ARM_NAMES.filter((name) => names.includes(name) || names.includes("all"));
    return { arms, grep: values.grep, out: values.out, required: values.required, base: values.base };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const isArmName = (name: string): name is ArmName => ARM_NAMES.some((one) => one === name);
