/** An instance as LXD gives it, with what a test is about replaced. */

import type { Instance } from "@lxe/lxd-client";

export const RUNNING = { status: "Running", status_code: 103 } as const;
export const STOPPED = { status: "Stopped", status_code: 102 } as const;
export const ERROR = { status: "Error", status_code: 112 } as const;
export const NEVER = "1970-01-01T00:00:00Z";
export const STARTED_AT = "2026-11-22T21:58:14.123456789Z";
export const STARTED_NS = BigInt(Date.UTC(2026, 10, 22, 21, 58, 14)) * 1_000_000n + 123_456_789n;

export function lxdInstance(changes: Partial<Instance> = {}): Instance {
  return {
    name: "web-55555555",
    description: "",
    type: "container",
    ...STOPPED,
    architecture: "x86_64",
    config: {},
    devices: {},
    expanded_config: {},
    expanded_devices: {},
    profiles: [],
    ephemeral: false,
    stateful: false,
    created_at: STARTED_AT,
    last_used_at: NEVER,
    location: "none",
    project: "default",
    ...changes,
  };
}
