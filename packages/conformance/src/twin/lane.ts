/** A lane is a name space of its own on both LXDs, so that several sequences can run at a time. */
import { randomInt } from "node:crypto";

export interface Lane {
  /** The sequences' instances, profiles and images live in it. */
  readonly project: string;
  /** Networks belong to no project of their own: each lane has one, with its own addresses. */
  readonly net: string;
  readonly subnet: string;
}

/** Bridges and their addresses are the machine's: each process has its own, so that two can run at a time. */
const OWN = randomInt(40);
const TAG = OWN.toString().padStart(2, "0");

/** The first is the default project, where URLs have no `?project=`. The seed chooses, so their number is fixed. */
export const LANES: readonly Lane[] = ["default", "twin1", "twin2", "twin3", "twin4", "twin5"].map(
  (project, index) => ({
    project,
    net: `lxtw${TAG}l${index}`,
    subnet: `10.171.${OWN * 6 + index}`,
  }),
);

/** Of the lane, or of that lane in a run that was killed. */
export function isNetOf({ net }: Lane, name: string): boolean {
  return /^lxtw\d\dl\d/.test(name) && name.slice(6).startsWith(net.slice(6));
}

export function laneOf(seed: number): number {
  return seed % LANES.length;
}

/** `path` within the lane's project. */
export function inProject({ project }: Lane, path: string): string {
  if (project === "default") return path;
  return `${path}${path.includes("?") ? "&" : "?"}project=${project}`;
}
