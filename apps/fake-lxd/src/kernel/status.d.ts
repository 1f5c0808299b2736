/** LXD's status codes and their texts. */
export declare const statusNames: {
    readonly 100: "Operation created";
    readonly 101: "Started";
    readonly 102: "Stopped";
    readonly 103: "Running";
    readonly 104: "Cancelling";
    readonly 105: "Pending";
    readonly 106: "Starting";
    readonly 107: "Stopping";
    readonly 108: "Aborting";
    readonly 109: "Freezing";
    readonly 110: "Frozen";
    readonly 112: "Error";
    readonly 200: "Success";
    readonly 400: "Failure";
    readonly 401: "Cancelled";
};
export type StatusCode = keyof typeof statusNames;
