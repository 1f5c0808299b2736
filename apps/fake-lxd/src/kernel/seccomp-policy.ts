/**
 * A seccomp policy in LXC's text (`raw.seccomp`) as a filter of system calls, as far as guests make any that could be filtered: see
 * `guest/sys/seccomp.ts`. Pure.
 */
import type { SeccompFilter } from "../guest/types.ts";

interface Rule {
  readonly call: string;
  readonly errno: number | undefined;
  readonly matches: (args: readonly number[]) => boolean;
}

type Compare = (argument: number, value: number, mask: number) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  SCMP_CMP_NE: (argument, value) => argument !== value,
  SCMP_CMP_LT: (argument, value) => argument < value,
  SCMP_CMP_LE: (argument, value) => argument <= value,
  SCMP_CMP_EQ: (argument, value) => argument === value,
  SCMP_CMP_GE: (argument, value) => argument >= value,
  SCMP_CMP_GT: (argument, value) => argument > value,
  SCMP_CMP_MASKED_EQ: (argument, value, mask) => (argument & mask) === value,
};

/** Empty: LXD's own policy, which forbids nothing that guests do. */
export function seccompFilter(policy: string): SeccompFilter {
  const [, list = "", ...lines] = policy.split("\n");
  const [kind, ...action] = list.split(" ");
  const rules = lines.filter((line) => /^[a-z0-9_]+( |$)/u.test(line)).map(ruleOf);
  const otherwise = kind === "allowlist" ? errnoOf(action) : undefined;
  return (call, args) => {
    const rule = rules.find((each) => each.call === call && each.matches(args));
    return rule === undefined ? otherwise : rule.errno;
  };
}

function ruleOf(line: string): Rule {
  const [call = "", ...action] = line.replace(/\[.*/u, "").trim().split(" ");
  const tests = [...line.matchAll(/\[(\d),(\d+),(\w+)(?:,(\d+))?\]/gu)].map(([, index, value, operator, mask]) => {
    const compare = COMPARISONS[operator ?? ""] ?? (() => false);
    return (args: readonly number[]) => compare(args[Number(index)] ?? 0, Number(value), Number(mask ?? 0));
  });
  return { call, errno: errnoOf(action), matches: (args) => tests.every((test) => test(args)) };
}

const EPERM = 1;

/** Whatever would end the process is an error here. */
function errnoOf([action, number]: readonly string[]): number | undefined {
  if (action === "allow") return undefined;
  return action === "errno" ? Number(number) || undefined : EPERM;
}
