/** An answer of LXD that is not a success: HTTP status and LXD's own text. Anything else that is thrown is a defect (500). */
import { StacklessError } from "../platform/stackless-error.ts";

export class LxdFailure extends StacklessError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "LxdFailure";
    this.status = status;
  }
}

export function badRequest(message: string): LxdFailure {
  return new LxdFailure(400, message);
}

export function forbidden(message: string): LxdFailure {
  return new LxdFailure(403, message);
}

/** `what` is the whole text, e.g. `Instance not found`. */
export function notFound(what: string): LxdFailure {
  return new LxdFailure(404, what);
}

export function conflict(message: string): LxdFailure {
  return new LxdFailure(409, message);
}

/** LXD answers many mistakes of users with a 500. */
export function failure(message: string): LxdFailure {
  return new LxdFailure(500, message);
}

/** The same failure with LXD's "context: " before its text; the status stays. */
export function within(context: string, error: unknown): LxdFailure {
  const message = error instanceof Error ? error.message : String(error);
  return new LxdFailure(error instanceof LxdFailure ? error.status : 500, `${context}: ${message}`);
}
