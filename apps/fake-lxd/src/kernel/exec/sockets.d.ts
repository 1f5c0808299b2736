import type { Clock, Random } from "../../platform/types.ts";
import type { OperationSocket, WebsocketEntry } from "../operations.ts";
export declare class Sockets implements WebsocketEntry {
    #private;
    /** Name -> secret, as the operation's metadata shows it. */
    readonly fds: Record<string, string>;
    /** `onConnect` sees each socket at once, so that no early message is missed. */
    constructor(random: Random, names: readonly string[], required: readonly string[], onConnect: (name: string, socket: OperationSocket) => void);
    claim(secret: string): (socket: OperationSocket) => void;
    get(name: string): OperationSocket | undefined;
    /** False when a required one is missing after `timeoutMs`. */
    allConnected(clock: Clock, timeoutMs: number): Promise<boolean>;
    cutAll(): void;
}
