/** LXD's status codes and their texts. */

export const statusNames = {
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
  112: "Error",
  200: "Success",
  400: "Failure",
  401: "Cancelled",
} as const;

export type StatusCode = keyof typeof statusNames;
