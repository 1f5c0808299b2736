/** critest's report, as ginkgo writes it in JSON → what happened to which spec. Pure. */

/** The parts of a ginkgo report that are read here. */
export interface GinkgoSuite {
  readonly SpecReports?: readonly GinkgoSpec[] | null;
  readonly SpecialSuiteFailureReasons?: readonly string[] | null;
}

export interface GinkgoSpec {
  readonly ContainerHierarchyTexts?: readonly string[] | null;
  readonly LeafNodeText: string;
  readonly LeafNodeType: string;
  readonly State: string;
  /** Nanoseconds. */
  readonly RunTime: number;
  readonly Failure?: {
    readonly Message?: string;
    readonly Location?: { readonly FileName?: string; readonly LineNumber?: number };
  };
}

export interface SpecOutcome {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  /** Why; empty where nobody said. */
  readonly reason: string;
}

export interface Scoreboard {
  readonly outcomes: readonly SpecOutcome[];
  /** What went wrong beside the specs. */
  readonly problems: readonly string[];
}

/** Specs that no runtime can pass here, by a part of their names. */
export const IMPOSSIBLE: Readonly<Record<string, string>> = {
  "public image with digest should be pulled": "its image cannot be rebuilt to the digest that critest pins",
};

export function scoreboardOf(suites: readonly GinkgoSuite[]): Scoreboard {
  const outcomes = suites.flatMap(({ SpecReports }) => SpecReports ?? []).flatMap(outcomeOf);
  const problems = suites.flatMap(({ SpecialSuiteFailureReasons }) => SpecialSuiteFailureReasons ?? []);
  return { outcomes, problems };
}

function whyImpossible({ name }: SpecOutcome): string | undefined {
  return Object.entries(IMPOSSIBLE).find(([part]) => name.includes(part))?.[1];
}

/** Whether all is well: something was run, and what failed had to. */
export function isPassed({ outcomes, problems }: Scoreboard): boolean {
  const failed = outcomes.filter(({ state }) => state === "failed");
  const hasRun = outcomes.some(({ state }) => state !== "skipped");
  return hasRun && problems.length === 0 && failed.every((outcome) => whyImpossible(outcome) !== undefined);
}

export function printScoreboard({ outcomes, problems }: Scoreboard): string {
  const of = (state: SpecOutcome["state"]): SpecOutcome[] => outcomes.filter((outcome) => outcome.state === state);
  const [passed, failed, skipped] = [of("passed"), of("failed"), of("skipped")];
  return [
    ...skipped.map((outcome) => line("skipped", outcome)),
    ...failed.map((outcome) => {
      const why = whyImpossible(outcome);
      return line(why === undefined ? "FAILED" : `failed (no runtime can pass it here: ${why})`, outcome);
    }),
    ...problems.map((problem) => `FAILED   ${problem}`),
    `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped of ${outcomes.length} specs`,
    "",
  ].join("\n");
}

function line(word: string, { name, reason }: SpecOutcome): string {
  return reason === "" ? `${word}  ${name}` : `${word}  ${name}\n    ${reason.replaceAll("\n", "\n    ")}`;
}

/** A spec that was not in focus is no outcome; it is told apart from one that skips itself by having no reason. */
function outcomeOf(spec: GinkgoSpec): SpecOutcome[] {
  const { ContainerHierarchyTexts, LeafNodeText, LeafNodeType, State, Failure } = spec;
  const reason = reasonOf(Failure);
  const isSpec = LeafNodeType === "It";
  // what is run before and after all specs is told of only where it goes wrong
  if (!isSpec && State === "passed") return [];
  const state = State === "passed" ? "passed" : State === "skipped" || State === "pending" ? "skipped" : "failed";
  if (state === "skipped" && reason === "") return [];
  const name = [...(ContainerHierarchyTexts ?? []), LeafNodeText || LeafNodeType]
    .filter((text) => text !== "")
    .join(" ");
  return [{ name, state, reason: state === "passed" ? "" : reason }];
}

const REASON_CHARS_MAX = 400;

function reasonOf(failure: GinkgoSpec["Failure"]): string {
  const message = failure?.Message?.trim() ?? "";
  if (message === "") return "";
  const { FileName = "", LineNumber } = failure?.Location ?? {};
  const place = FileName === "" ? "" : ` (${FileName.split("/").at(-1)}:${LineNumber})`;
  return `${message.slice(0, REASON_CHARS_MAX)}${place}`;
}
