/**
 * Operations: Pending -> Running -> Success | Failure | Cancelled, each step an event. They live in the daemon's memory
 * only: a crash forgets them, and five seconds after the end so does the daemon.
 */
import type { Operation as OperationView } from "@lxe/lxd-client";
import type { Clock, Random } from "../platform/types.ts";
import type { EventBus } from "./events.ts";
import { type StatusCode } from "./status.ts";
export interface OperationSpec {
    project: string;
    class: "task" | "websocket" | "token";
    description: string;
    resources: Record<string, string[]> | null;
    metadata?: Record<string, unknown> | null;
    /** The work. A token has none and runs until it is cancelled. */
    run?: (operation: Operation) => Promise<void>;
    /** Present: DELETE is allowed, and calls it. */
    cancel?: () => void;
    /** A client's websocket. Checks the secret before it takes the connection. */
    connect?: WebsocketEntry;
}
export interface WebsocketEntry {
    /** Throws when the secret is wrong or used. */
    claim(secret: string): (socket: OperationSocket) => void;
}
/** What an exec or a console needs of a websocket; the fabric makes it. */
export interface OperationSocket {
    /** One message; resolves when more may be sent. */
    send(data: Uint8Array | string): Promise<void>;
    /** Cuts the connection without a close frame, once what was sent has left. */
    cut(): void;
    /** `text` or `close` mean the end of the stream. */
    onMessage(handler: (message: {
        binary: Uint8Array;
    } | {
        text: string;
    } | {
        closed: true;
    }) => void): void;
    /** Stops reading from the peer: backpressure. */
    pause(): void;
    resume(): void;
}
export declare class Operation {
    #private;
    readonly id: string;
    readonly spec: OperationSpec;
    readonly ended: Promise<void>;
    readonly createdAtMs: number;
    status: StatusCode;
    metadata: Record<string, unknown> | null;
    error: string;
    updatedAtMs: number;
    constructor(id: string, spec: OperationSpec, clock: Clock, events: EventBus);
    get url(): string;
    get isFinal(): boolean;
    render(): OperationView;
    /** Adds to the metadata and says so in an event. */
    update(metadata: Record<string, unknown>): void;
    announce(): void;
    enter(status: StatusCode): void;
}
export declare class Operations {
    #private;
    constructor(clock: Clock, random: Random, events: EventBus);
    /** Starts the work at once; the answer to the client shows the operation Running. */
    create(spec: OperationSpec): Operation;
    get(id: string): Operation;
    list(project: string | undefined): Operation[];
    /** After the end, or after `timeoutMs` in whatever state; undefined waits without limit. */
    wait(operation: Operation, timeoutMs: number | undefined): Promise<void>;
    cancel(operation: Operation): void;
}
