/** The container's terminal as the daemon keeps it: a ring of what was written, and whoever is attached. */
import type { GuestConsole } from "../../guest/types.ts";
export declare class ConsoleBuffer {
    #private;
    readonly terminal: GuestConsole;
    constructor(terminal: GuestConsole);
    read(): Buffer;
    clear(): void;
    attach(reader: (chunk: Buffer) => void): Disposable;
}
