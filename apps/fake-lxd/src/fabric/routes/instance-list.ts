import { badRequest } from "../../kernel/errors.ts";
import { inShownOrder, renderFull, renderInstance } from "../../kernel/instances/view.ts";
import { urlOf } from "../../kernel/world.ts";
import { compileFilter } from "../filter.ts";
import { fresh, type Reply, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";

/** `kind`: under which of its names the list was asked for. */
export function listInstances(request: ApiRequest, kind: string): Reply {
  const { world } = request.daemon;
  const isAll = request.query.get("all-projects") === "true";
  if (isAll && request.query.get("project")) {
    throw badRequest("Cannot specify a project when requesting all projects");
  }
  const passes = compileFilter(request.query.get("filter"));
  const isFiltered = request.query.get("filter") !== null;
  const instances = (kind === "virtual-machines" ? [] : world.instancesOf(isAll ? undefined : request.project))
    .filter((instance) => !isFiltered || passes(renderInstance(world, instance)))
    // Objects come sorted by name, addresses in the order of creation.
    .toSorted((a, b) => (request.recursion === 0 || a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
  if (request.recursion === 0) return sync(instances.map((one) => urlOf(kind, one.name, one.project)));
  const render = request.recursion === 1 ? renderInstance : renderFull;
  const views = instances.map((one) => render(world, one));
  return fresh(views, undefined, () => views.map(inShownOrder));
}
