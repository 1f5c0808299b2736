/** Signal numbers, names and default actions (Linux, x86_64 and aarch64 alike). */
export declare const SIGHUP = 1;
export declare const SIGINT = 2;
export declare const SIGQUIT = 3;
export declare const SIGKILL = 9;
export declare const SIGPIPE = 13;
export declare const SIGTERM = 15;
export declare const SIGCHLD = 17;
export declare const SIGCONT = 18;
export declare const SIGSTOP = 19;
export declare const SIGTSTP = 20;
export declare const SIGTTIN = 21;
export declare const SIGTTOU = 22;
export declare const SIGURG = 23;
export declare const SIGWINCH = 28;
export declare const SIGSEGV = 11;
export declare const SIGPWR = 30;
export declare const SIGRTMIN = 34;
export declare const SIGRTMAX = 64;
/** `TERM`, `SIGTERM`, `term`, `15`, `RTMIN+3` to a number; undefined when there is no such signal. 0 is `EXIT`. */
export declare function signalNumber(name: string): number | undefined;
/** Without `SIG`; real-time signals as `RTMIN`, `RTMIN+3`, ... */
export declare function signalName(number: number): string;
export type DefaultAction = "terminate" | "ignore" | "stop" | "continue";
export declare function defaultAction(signal: number): DefaultAction;
/** What a shell says when a job ended by a signal. */
export declare function signalText(signal: number): string;
