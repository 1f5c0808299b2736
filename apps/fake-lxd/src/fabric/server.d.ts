import type { Daemon } from "../kernel/daemon.ts";
export interface ApiServer {
    /** Cuts every connection and stops listening. */
    destroy(): Promise<void>;
}
export interface ApiServerOptions {
    daemon: Daemon;
    socketPath: string;
    /** A rule says that the daemon dies. */
    onCrash: () => void;
}
export declare function startApiServer(options: ApiServerOptions): Promise<ApiServer>;
