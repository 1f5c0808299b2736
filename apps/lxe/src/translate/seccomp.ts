/**
 * A seccomp profile of the node, in the JSON that Kubernetes' users write (that of the OCI runtime specification) → LXC's policy. Pure. What
 * LXC cannot do is refused: a filter that lets through what its author forbade is worse than none.
 */
import { InvalidArgumentError, UnimplementedError } from "@lxe/cri";
import { z } from "zod";

const argument = z.object({
  index: z.int().min(0).max(5),
  value: z.int().min(0),
  valueTwo: z.int().min(0).default(0),
  op: z.string(),
});

const conditions = z.record(z.string(), z.unknown()).nullish();

const rule = z.object({
  names: z.array(z.string().regex(/^[a-z0-9_]+$/u)).min(1),
  action: z.string(),
  errnoRet: z.int().min(0).max(4095).nullish(),
  args: z.array(argument).nullish(),
  includes: conditions,
  excludes: conditions,
});

const profile = z.object({
  defaultAction: z.string(),
  defaultErrnoRet: z.int().min(0).max(4095).nullish(),
  listenerPath: z.string().nullish(),
  syscalls: z.array(rule).nullish(),
});

type Rule = z.infer<typeof rule>;
type Argument = z.infer<typeof argument>;

const EPERM = 1;
const ACTIONS: Readonly<Record<string, string>> = {
  SCMP_ACT_ALLOW: "allow",
  SCMP_ACT_KILL: "kill",
  SCMP_ACT_KILL_THREAD: "kill",
  SCMP_ACT_TRAP: "trap",
};
const OPERATORS = new Set(["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((name) => `SCMP_CMP_${name}`));

/**
 * Which architectures it is for says nothing here: its rules hold for all that the kernel runs, 32-bit programs included. Flags change
 * nothing that a process may do.
 * @param where of the CRI field and the file, for errors
 * @throws InvalidArgumentError, UnimplementedError
 */
export function lxcSeccompPolicy(text: string, where: string): string {
  const { defaultAction, defaultErrnoRet, listenerPath, syscalls } = parse(text, where);
  if (listenerPath) throw new UnimplementedError(`${where}: listenerPath is not supported`);
  const otherwise = actionOf(defaultAction, defaultErrnoRet, where);
  const lines = (syscalls ?? []).flatMap((each) => ruleLines(each, otherwise, where));
  // a list of what is denied lets everything else pass, whatever it says itself
  const list = otherwise === "allow" ? "denylist" : `allowlist ${otherwise}`;
  return ["2", list, "[all]", ...lines, ""].join("\n");
}

function parse(text: string, where: string): z.infer<typeof profile> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`${where}: it is no JSON`, { cause: error });
  }
  const result = profile.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidArgumentError(`${where}: ${issue?.path.join(".")}: ${issue?.message}`);
}

function actionOf(action: string, errno: number | null | undefined, where: string): string {
  if (action === "SCMP_ACT_ERRNO") return `errno ${errno ?? EPERM}`;
  const name = ACTIONS[action];
  if (name === undefined) throw new UnimplementedError(`${where}: LXC has no action ${JSON.stringify(action)}`);
  return name;
}

/** What is done anyway needs no rule, and LXC takes none. */
function ruleLines({ names, action, errnoRet, args, includes, excludes }: Rule, otherwise: string, where: string) {
  if (Object.keys({ ...includes, ...excludes }).length > 0) {
    throw new UnimplementedError(
      `${where}: rules for some nodes or capabilities (includes, excludes) are not supported`,
    );
  }
  const own = actionOf(action, errnoRet, where);
  if (own === otherwise) return [];
  return names.flatMap((name) => conditionsOf(args ?? [], where).map((condition) => `${name} ${own}${condition}`));
}

/** All arguments have to match; where one of them stands twice, any of them, as with every runtime. */
function conditionsOf(args: readonly Argument[], where: string): string[] {
  const texts = args.map((each) => argumentText(each, where));
  const isAny = new Set(args.map(({ index }) => index)).size < args.length;
  if (isAny) return texts.map((text) => ` ${text}`);
  return [texts.length === 0 ? "" : ` ${texts.join("")}`];
}

function argumentText({ index, value, valueTwo, op }: Argument, where: string): string {
  if (!OPERATORS.has(op)) throw new InvalidArgumentError(`${where}: unknown operator ${JSON.stringify(op)}`);
  return op === "SCMP_CMP_MASKED_EQ" ? `[${index},${valueTwo},${op},${value}]` : `[${index},${value},${op}]`;
}
