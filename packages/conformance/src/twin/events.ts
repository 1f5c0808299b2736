/**
 * Events of one step, made comparable: operations, each with all its events, and lifecycle events, as multisets. No order is
 * compared, not even within one operation: LXD sends each event from a thread of its own, and an operation that ends at once
 * is now and then told to be a Failure before it is told to be Pending.
 */
import type { LoggedEvent } from "./event-log.ts";
import type { Normaliser } from "./normalise.ts";
import { type Json, textOf } from "./json.ts";

const END = new Set(["Success", "Failure", "Cancelled"]);
const PASSING_STATES = new Set(["Pending", "Running"]);

const idOf = ({ metadata }: LoggedEvent): string => textOf(metadata["id"]);
const statusOf = ({ metadata }: LoggedEvent): string => textOf(metadata["status"]);

/** Ids of the operations that these events tell the end of. */
export function endedIn(events: readonly LoggedEvent[]): string[] {
  return events.filter((event) => event.type === "operation" && END.has(statusOf(event))).map(idOf);
}

/** Without states on the way of operations that had ended in an earlier step: LXD's thread for those can be that late. */
export function withoutLate(events: readonly LoggedEvent[], ended: ReadonlySet<string>): LoggedEvent[] {
  return events.filter(
    (event) => event.type !== "operation" || !ended.has(idOf(event)) || !PASSING_STATES.has(statusOf(event)),
  );
}

/** Sorted texts, one per operation (all its events) or lifecycle event. */
export function comparableEvents(events: readonly LoggedEvent[], normaliser: Normaliser): string[] {
  const lifecycle = events.filter(({ type }) => type === "lifecycle");
  const operations = Object.values(
    Object.groupBy(
      events.filter(({ type }) => type === "operation"),
      idOf,
    ),
  );
  const shown = (event: LoggedEvent): Json => normaliser.value({ project: event.project, ...event.metadata });
  return [
    ...lifecycle.map((event) => JSON.stringify(shown(event))),
    ...operations.map((steps) => JSON.stringify(distinct((steps ?? []).map((step) => JSON.stringify(shown(step)))))),
  ].toSorted();
}

/** Updates of progress, once normalised, repeat another event: how many there are is a matter of time. */
function distinct(events: readonly string[]): string[] {
  return [...new Set(events)].toSorted();
}

/**
 * What only one of the two has. An operation of LXD that ends at once may lack an event of the states before its end: now and
 * then the thread that tells of them runs so late that it tells of the end again.
 */
export function unmatched(fake: readonly string[], real: readonly string[]): { fake: string[]; real: string[] } {
  const onlyFake = without(fake, real);
  const onlyReal = without(real, fake).filter((item) => {
    const index = onlyFake.findIndex((other) => lacksOnlyPassingStates(item, other));
    if (index >= 0) onlyFake.splice(index, 1);
    return index < 0;
  });
  return { fake: onlyFake, real: onlyReal };
}

const PASSING = new RegExp(`"status":"(${[...PASSING_STATES].join("|")})"`);

function lacksOnlyPassingStates(item: string, whole: string): boolean {
  const [some, all] = [eventsOf(item), eventsOf(whole)];
  if (some.length === 0 || some.some((event) => !all.includes(event))) return false;
  return all.every((event) => some.includes(event) || PASSING.test(event));
}

/** Of an operation; of a lifecycle event there are none. */
function eventsOf(item: string): string[] {
  const parsed: unknown = JSON.parse(item);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

function without(items: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return items.filter((item) => {
    const index = left.indexOf(item);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

const RAN = new Set(["instance-started", "instance-restarted", "instance-renamed"]);

/** Paths of the instances that, by these events, have come to run, or have the name of one that may have. */
export function ranIn(events: readonly LoggedEvent[]): string[] {
  return events
    .filter(({ type, metadata }) => type === "lifecycle" && RAN.has(textOf(metadata["action"])))
    .map(({ metadata }) => textOf(metadata["source"]).split("?", 1)[0] ?? "");
}

/** The path of the instance that a lifecycle event, as `comparableEvents` has it, says to have shut down by itself. */
export function shutdownOf(item: string): string | undefined {
  const event: unknown = JSON.parse(item);
  if (typeof event !== "object" || event === null || !("action" in event) || !("source" in event)) return undefined;
  return event.action === "instance-shutdown" ? String(event.source) : undefined;
}
