/** Every bound and every delay of the fake, in one place. */

/** How long things take, in milliseconds. */
export interface Timing {
  /** Image to file tree. */
  create: number;
  /** From the start request to init. */
  start: number;
  /** The stop hooks, during which the instance is busy; status is Stopping. */
  stopHooks: number;
  /** What a failed start takes unless raw.lxc clears `lxc.hook.stop`. */
  failedStart: number;
  /** After a failed start the instance goes on being busy with its stop. */
  failedStartBusy: number;
}

export const timings: Record<"quick" | "real", Timing> = {
  quick: { create: 1, start: 2, stopHooks: 5, failedStart: 5, failedStartBusy: 100 },
  real: { create: 45, start: 150, stopHooks: 550, failedStart: 5100, failedStartBusy: 500 },
};

/** An operation that has ended can be read for this long. */
export const operationKeptMs = 5_000;
/** All sockets of an exec must be there within this time. */
export const websocketConnectMs = 5_000;
export const websocketPingMs = 10_000;
/** How long a client may take to close a websocket that was cut. */
export const websocketCutMs = 2_000;
/** An event listener with more unanswered pings is dropped. */
export const eventPingsUnansweredMax = 2;
/** LXD's write buffer: larger event messages are fragmented. */
export const eventFrameBytes = 4_096;
/** One binary frame of exec output. */
export const execFrameBytes = 65_536;
export const consoleBufferBytes = 131_072;
export const metricsCachedMs = 8_000;
/** What the storage pools say they have. */
export const poolTotalBytes = 270_553_174_016;
export const poolTotalInodes = 16_777_216;
/** Ids per instance map, and where they lie on the host. */
export const idmap = { base: 100_000, size: 10_000_001, isolatedSize: 65_536 };
export const instanceNameMax = 63;
