/** Number of `SIGTERM`, `SIGRTMIN+3`, `15`; undefined for anything else (a name without SIG, too). */
export declare function parseSignal(text: string): number | undefined;
/** strsignal(): what liblxc's log says. */
export declare function describeSignal(signal: number): string;
