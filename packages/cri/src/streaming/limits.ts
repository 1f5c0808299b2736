/** All bounds of the streaming server, in one place. */

/** Tokens: what an issued URL is worth. */
export const tokenBytes = 6;
export const tokenTtlMs = 60_000;
export const tokensPendingMax = 1000;

/** How long a client may take to open its streams, and the second stream of a forwarded connection. */
export const streamCreationTimeoutMs = 30_000;
/** Connections on which nothing moves, not even pings, for this long are dropped. */
export const idleTimeoutMs = 4 * 60 * 60 * 1000;
/** How long a client may take to close a connection that we have ended, before it is cut. */
export const lingerMs = 5_000;
/** While a connection is not read, a vanished client shows only when written to: a ping goes out this often. */
export const stalledPingMs = 5_000;
/** Sockets, upgraded or not. */
export const connectionsMax = 4096;

/** Header blocks of SPDY, after decompression. */
export const headerBlockBytesMax = 64 * 1024;
export const headersMax = 1000;
/** Payload of a control frame. Data frames may have any length: they are never held whole. */
export const controlFrameBytesMax = 64 * 1024;
/** Streams open at once on one connection. */
export const commandStreamsMax = 16;
export const portForwardStreamsMax = 2048;
/** Replies (to pings, to refused streams) that a client has not taken: a client that takes none is not read any further. */
export const repliesUnsentMax = 1024;

/** What is held for a reader that has stopped: by stream, and by connection. Above either the socket is not read. */
export const streamBufferBytesMax = 1024 * 1024;
export const connectionBufferBytesMax = 16 * 1024 * 1024;
/** What a held piece costs beside its bytes. */
export const pieceOverheadBytes = 256;

/** Go's peers queue frames by number, so they are kept near the size that Go's own copy loops make. */
export const dataFrameBytesMax = 32 * 1024;

/** One WebSocket message, which is held whole. */
export const messageBytesMax = 4 * 1024 * 1024;
/** What may wait in a WebSocket before its writer has to. */
export const webSocketBacklogBytesMax = 64 * 1024;

/** One terminal size as JSON. */
export const resizeBytesMax = 1024;
/** The text on an error stream. */
export const statusMessageCharsMax = 4096;

/** A forwarded connection of which one direction has ended is over when the other has been quiet for this long. */
export const halfClosedQuietMs = 10_000;
