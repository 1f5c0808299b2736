/** Vocabulary shared by LXD's objects. Field meanings are those of LXD's REST API 1.0; servers may send more keys, which are kept but not typed. */

/** A point in time as RFC 3339 text with up to nanoseconds, e.g. `2026-01-02T03:04:05.678901234Z`. `0001-01-01T00:00:00Z` stands for "never". */
export type Timestamp = string;

/** Free-form string configuration. LXD knows no other value type here: booleans are `"true"`, numbers decimal text. */
export type ConfigMap = Record<string, string>;

/** One device: `type` plus options, all strings. */
export type Device = Record<string, string>;

/** Devices by name. */
export type DeviceMap = Record<string, Device>;

/** How deep a list goes: 0 names, 1 objects, 2 objects with state. */
export type Recursion = 0 | 1 | 2;
