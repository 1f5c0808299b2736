/**
 * Events of one step, made comparable. LXD sends from many threads: order is only compared within one operation; operations
 * and lifecycle events are compared as multisets.
 */
import type { LoggedEvent } from "./event-log.ts";
import type { Normaliser } from "./normalise.ts";
import type { Json } from "./step.ts";

/** Sorted texts, one per operation (all its events) or lifecycle event. */
export function comparableEvents(events: readonly LoggedEvent[], normaliser: Normaliser): string[] {
  const lifecycle = events.filter(({ type }) => type === "lifecycle");
  const operations = Object.values(
    Object.groupBy(
      events.filter(({ type }) => type === "operation"),
      ({ metadata }) => String(metadata["id"]),
    ),
  );
  const shown = (event: LoggedEvent): Json => normaliser.value({ project: event.project, ...event.metadata });
  return [
    ...lifecycle.map((event) => JSON.stringify(shown(event))),
    ...operations.map((steps) => JSON.stringify(withoutRepeats((steps ?? []).map(shown)))),
  ].toSorted();
}

/** Updates of progress, once normalised, repeat the event before: how many there are is a matter of time. */
function withoutRepeats(events: readonly Json[]): Json[] {
  const texts = events.map((event) => JSON.stringify(event));
  return events.filter((_event, index) => texts[index] !== texts[index - 1]);
}

/** What only one of the two has. */
export function unmatched(fake: readonly string[], real: readonly string[]): { fake: string[]; real: string[] } {
  return { fake: without(fake, real), real: without(real, fake) };
}

function without(items: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return items.filter((item) => {
    const index = left.indexOf(item);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
