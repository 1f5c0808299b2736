/** A failure that may be gone the next time: the network's, or a server's that says so itself. Never leaves the registry client. */
export class TransientError extends Error {
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: { cause?: unknown; retryAfterMs?: number | undefined }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}
