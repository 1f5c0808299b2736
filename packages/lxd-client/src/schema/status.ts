/** LXD's numeric status codes, shared by instances and operations. */

export const StatusCode = {
  created: 100,
  started: 101,
  stopped: 102,
  running: 103,
  cancelling: 104,
  pending: 105,
  starting: 106,
  stopping: 107,
  aborting: 108,
  freezing: 109,
  frozen: 110,
  thawed: 111,
  /** For an instance: LXD could not ask the monitor. It means "unknown, ask again", never "exited". */
  error: 112,
  ready: 113,
  success: 200,
  failure: 400,
  cancelled: 401,
} as const;

/** One of the values of {@link StatusCode}. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

/** The text that LXD pairs with each code. */
export const statusText: Readonly<Record<StatusCode, string>> = {
  100: "Operation created",
  101: "Started",
  102: "Stopped",
  103: "Running",
  104: "Cancelling",
  105: "Pending",
  106: "Starting",
  107: "Stopping",
  108: "Aborting",
  109: "Freezing",
  110: "Frozen",
  111: "Thawed",
  112: "Error",
  113: "Ready",
  200: "Success",
  400: "Failure",
  401: "Cancelled",
};

/** True when an operation with this code will not change any more. */
export function isFinalStatus(code: number): boolean {
  return code >= StatusCode.success;
}
