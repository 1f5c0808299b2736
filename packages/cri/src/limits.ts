/** All bounds of the wire, in one place. */

/** What the kubelet sends and accepts at most. */
export const messageBytesMax = 16 * 1024 * 1024;

/** A status message travels in a header; escaped it may be nine times as long, and clients bound their headers (64 KiB). */
export const statusMessageCharsMax = 4096;

/** A client gives up by its own clock, started before the request arrived here: a cancellation this close to the deadline is the deadline. */
export const deadlineToleranceMs = 100;

/** The longest path that fits a unix socket address on Linux. */
export const socketPathBytesMax = 107;

/** How long a closing server waits for connections to end once no call is left: one that never spoke would not end at all. */
export const closeGraceMs = 500;

/** Reconnecting to a runtime that was restarted: as the kubelet does it. */
export const reconnectBackoffMinMs = 100;
export const reconnectBackoffMaxMs = 3000;
