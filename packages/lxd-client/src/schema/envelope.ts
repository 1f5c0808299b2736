/** The object around every JSON reply. All seven keys are present in every reply of a real LXD. */

export interface SyncEnvelope<T = unknown> {
  type: "sync";
  status: "Success";
  status_code: 200;
  operation: "";
  error_code: 0;
  error: "";
  /** `{}` for a success without a result, null for a creation with a Location header. */
  metadata: T;
}

export interface AsyncEnvelope<T = unknown> {
  type: "async";
  status: "Operation created";
  status_code: 100;
  /** `/1.0/operations/<id>`. */
  operation: string;
  error_code: 0;
  error: "";
  /** The whole operation. */
  metadata: T;
}

/** HTTP status is `error_code`, except that some versions of `/wait` send this inside an HTTP 200: dispatch on `type`. */
export interface ErrorEnvelope {
  type: "error";
  status: "";
  status_code: 0;
  operation: "";
  error_code: number;
  error: string;
  metadata: null;
}

export type Envelope<T = unknown> = SyncEnvelope<T> | AsyncEnvelope<T> | ErrorEnvelope;
