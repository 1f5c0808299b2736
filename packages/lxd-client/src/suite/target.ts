/** What the suites run against: they know a client and an image, nothing of the server behind it. */
import { randomBytes } from "node:crypto";
import type { LxdClient } from "../api/client.ts";

export interface SuiteTarget {
  /** A new client; the suite closes it. */
  client(): LxdClient;
  /** The alias of an image with busybox and /bin/sh, asked once the tests run. */
  image(): string | Promise<string>;
}

/** A name that no other test has. */
export function uniqueName(kind: string): string {
  return `${kind}-${randomBytes(4).toString("hex")}`;
}
