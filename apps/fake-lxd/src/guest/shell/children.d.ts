import type { ExitStatus } from "../core/process.ts";
import type { Shell } from "./shell.ts";
/** Says that a command ended by a signal, as a shell does. */
export declare function reportDeath(shell: Shell, status: ExitStatus | undefined): Promise<void>;
/** Reaps children that this shell did not start and that ended: an init gets those of others. */
export declare function reapStrangers(shell: Shell): void;
