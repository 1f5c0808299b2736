/** A lane is a name space of its own on both LXDs, so that several sequences can run at a time. */

export interface Lane {
  /** The sequences' instances, profiles and images live in it. */
  readonly project: string;
  /** Networks belong to no project of their own: each lane has one, with its own addresses. */
  readonly net: string;
  readonly subnet: string;
}

/** The first is the default project, where URLs have no `?project=`. The seed chooses, so their number is fixed. */
export const LANES: readonly Lane[] = [
  { project: "default", net: "lxetwn0", subnet: "10.171.1" },
  { project: "twin1", net: "lxetwn1", subnet: "10.171.2" },
  { project: "twin2", net: "lxetwn2", subnet: "10.171.3" },
];

export function laneOf(seed: number): number {
  return seed % LANES.length;
}

/** `path` within the lane's project. */
export function inProject({ project }: Lane, path: string): string {
  if (project === "default") return path;
  return `${path}${path.includes("?") ? "&" : "?"}project=${project}`;
}
