/**
 * The event bus of one daemon life. It owns listeners and faults on events; who sends what is the business of the senders.
 * Delivery is at most once: nothing is kept for a listener that is not there.
 */
import type { LxdEvent } from "@lxe/lxd-client";
import type { Clock } from "../platform/types.ts";
import type { RuleBook } from "../rules/rules.ts";
export declare const eventTypes: readonly ["logging", "operation", "lifecycle"];
export type EventType = (typeof eventTypes)[number];
export interface Requestor {
    username: string;
    protocol: string;
    address: string;
}
/** Whoever talks over the unix socket. */
export declare const rootRequestor: Requestor;
interface Listener {
    types: ReadonlySet<EventType>;
    /** Undefined: every project. */
    project: string | undefined;
    receive: (event: LxdEvent) => void;
}
export interface Lifecycle {
    action: string;
    source: string;
    context?: Record<string, unknown> | undefined;
    requestor?: Requestor | undefined;
}
export declare class EventBus {
    #private;
    constructor(clock: Clock, rules: RuleBook);
    listen(listener: Listener): Disposable;
    lifecycle(project: string, event: Lifecycle): void;
    operation(project: string, metadata: Extract<LxdEvent, {
        type: "operation";
    }>["metadata"]): void;
    log(level: "debug" | "info" | "warning" | "error", message: string, context: Record<string, string>): void;
}
export {};
