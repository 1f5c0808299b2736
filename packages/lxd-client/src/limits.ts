/** Every bound of this package in one place. */

export interface Limits {
  /** Connections for short calls. */
  connectionsMax: number;
  /** Connections for uploads, downloads and files, apart from the short calls so that they cannot starve them. */
  streamConnectionsMax: number;
  /** Also for the opening of a websocket. */
  connectTimeoutMs: number;
  /** Until the head of the answer to a GET. LXD can wait 5 s for each instance that hangs. */
  readTimeoutMs: number;
  /** The same for writes that LXD answers synchronously. They wait while LXD still starts its instances. */
  writeTimeoutMs: number;
  /** A JSON answer larger than this is refused. */
  responseBytesMax: number;
  /** First and largest delay between attempts on a busy instance. */
  busyDelayMs: number;
  busyDelayMaxMs: number;
  /** How long "busy" is retried when the caller gave no signal. */
  busyTimeoutMs: number;
  /** How often a write with an ETag starts over after 412. */
  conflictAttemptsMax: number;
  /** First and largest delay between attempts to connect to the events. */
  reconnectDelayMs: number;
  reconnectDelayMaxMs: number;
  /** The events connection is given up when the server stays silent to a ping this long. */
  eventsPingMs: number;
  /** A ceiling on one event message. */
  eventBytesMax: number;
  /** Between looks at all waited-for operations while events arrive: a net for lost events, well below the 5 s that LXD keeps an operation. */
  operationSweepMs: number;
  /** The same while there is no events connection. */
  operationPollMs: number;
  /** How long waits survive an LXD that cannot be reached. */
  operationUnavailableMs: number;
  /** How long an aborted wait takes at most to cancel its operation. */
  cancelTimeoutMs: number;
  /**
   * Kept per output stream before the server is slowed down. Generous, because newer LXDs drop what was not read one second after
   * the command's end.
   */
  execBufferBytes: number;
  /** Largest websocket frame sent; LXD 5.0 buffers frames whole. */
  execFrameBytes: number;
  /** Largest websocket frame accepted. LXD sends 64 KiB. */
  execMessageBytesMax: number;
  /** Default of execCapture's maxBytes. */
  execCaptureBytesMax: number;
}

export const defaultLimits: Limits = {
  connectionsMax: 32,
  streamConnectionsMax: 16,
  connectTimeoutMs: 10_000,
  readTimeoutMs: 60_000,
  writeTimeoutMs: 180_000,
  responseBytesMax: 256 * 1024 * 1024,
  busyDelayMs: 50,
  busyDelayMaxMs: 1_000,
  busyTimeoutMs: 30_000,
  conflictAttemptsMax: 10,
  reconnectDelayMs: 50,
  reconnectDelayMaxMs: 5_000,
  eventsPingMs: 20_000,
  eventBytesMax: 64 * 1024 * 1024,
  operationSweepMs: 2_000,
  operationPollMs: 200,
  operationUnavailableMs: 60_000,
  cancelTimeoutMs: 5_000,
  execBufferBytes: 1024 * 1024,
  execFrameBytes: 64 * 1024,
  execMessageBytesMax: 16 * 1024 * 1024,
  execCaptureBytesMax: 16 * 1024 * 1024,
};
