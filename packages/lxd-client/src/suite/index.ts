/**
 * The truth about LXD as tests: the same bodies run against a real LXD and against the fake one. Needs vitest around it.
 * Needs of the server: a profile `default` with a root disk on a pool `default`, and a managed bridge with IPv4.
 */
import { eventsSuite } from "./events.ts";
import { execSuite } from "./exec.ts";
import { filesSuite } from "./files.ts";
import { imagesSuite } from "./images.ts";
import { instancesSuite } from "./instances.ts";
import { objectsSuite } from "./objects.ts";
import { operationsSuite } from "./operations.ts";
import { refusalsSuite } from "./refusals.ts";
import { serverSuite } from "./server.ts";
import { snapshotsSuite } from "./snapshots.ts";
import type { SuiteTarget } from "./target.ts";

export { busyboxImage } from "./busybox-image.ts";
export type { SuiteTarget } from "./target.ts";
export { eventsSuite, execSuite };

/** Registers all suites. */
export function lxdSuite(target: SuiteTarget): void {
  serverSuite(target);
  imagesSuite(target);
  objectsSuite(target);
  instancesSuite(target);
  snapshotsSuite(target);
  execSuite(target);
  filesSuite(target);
  operationsSuite(target);
  eventsSuite(target);
  refusalsSuite(target);
}
