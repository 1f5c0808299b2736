/** An answer of LXD that is not a success: HTTP status and LXD's own text. Anything else that is thrown is a defect (500). */
export declare class LxdFailure extends Error {
    readonly status: number;
    constructor(status: number, message: string);
}
export declare function badRequest(message: string): LxdFailure;
export declare function forbidden(message: string): LxdFailure;
/** `what` is the whole text, e.g. `Instance not found`. */
export declare function notFound(what: string): LxdFailure;
export declare function conflict(message: string): LxdFailure;
/** LXD answers many mistakes of users with a 500. */
export declare function failure(message: string): LxdFailure;
/** The same failure with LXD's "context: " before its text; the status stays. */
export declare function within(context: string, error: unknown): LxdFailure;
