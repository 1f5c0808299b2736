/** A finding as text: what differs, and how to see it again. */
import type { Finding } from "./check.ts";
import type { Failure } from "./sequence.ts";
import type { Json } from "./json.ts";
import { describeStep } from "./step.ts";

const SHOWN_MAX = 12;
const TEXT_MAX = 2_000;

export function describeFinding(finding: Finding): string {
  return [
    "fake-lxd and LXD differ",
    "",
    ...finding.steps.map((step, at) => `${at === finding.failures[0]?.at ? ">" : " "} ${at}. ${describeStep(step)}`),
    "",
    ...describeFailures(finding),
    "",
    `again: npm run twin -- ${finding.kind === "usual" ? "--usual " : ""}--seed ${finding.seed} --path ${finding.path}`,
    "as code:",
    `const steps: Step[] = ${JSON.stringify(finding.steps)};`,
  ].join("\n");
}

function describeFailures({ failures, error, steps }: Finding): string[] {
  if (failures.length === 0) return [String(error instanceof Error ? error.stack : error)];
  return failures.flatMap((failure) => describeFailure(failure, steps.length));
}

function describeFailure({ at, step, kind, differences }: Failure, steps: number): string[] {
  const where = at === steps ? "afterwards, " : `step ${at}, `;
  return [
    `${where}${kind} of ${describeStep(step)}:`,
    ...differences
      .slice(0, SHOWN_MAX)
      .map((one) => `  ${one.at}\n    fake ${text(one.fake)}\n    LXD  ${text(one.real)}`),
    ...(differences.length > SHOWN_MAX ? [`  and ${differences.length - SHOWN_MAX} more`] : []),
  ];
}

function text(value: Json | undefined): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, TEXT_MAX);
}
