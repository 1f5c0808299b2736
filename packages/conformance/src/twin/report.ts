/** A finding as text: what differs, and how to see it again. */
import type { Finding } from "./check.ts";
import { describeStep, type Json } from "./step.ts";

const SHOWN_MAX = 12;
const TEXT_MAX = 2_000;

export function describeFinding(finding: Finding): string {
  return [
    "fake-lxd and LXD differ",
    "",
    ...finding.steps.map((step, at) => `${at === finding.failure?.at ? ">" : " "} ${at}. ${describeStep(step)}`),
    "",
    ...describeFailure(finding),
    "",
    `again: npm run twin -- --seed ${finding.seed} --path ${finding.path}`,
    "as code:",
    `const steps: Step[] = ${JSON.stringify(finding.steps)};`,
  ].join("\n");
}

function describeFailure({ failure, error, steps }: Finding): string[] {
  if (failure === undefined) return [String(error instanceof Error ? error.stack : error)];
  const { at, step, kind, differences } = failure;
  const where = at === steps.length ? "afterwards, " : `step ${at}, `;
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
