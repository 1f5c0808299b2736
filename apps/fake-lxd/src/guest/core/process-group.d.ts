/** Process groups and sessions. A group lives as long as a member does. */
import type { Process } from "./process.ts";
import type { Tty } from "./tty.ts";
export declare class Session {
  readonly leader: Process;
  tty: Tty | undefined;
  constructor(leader: Process);
}
export declare class ProcessGroup {
  /** Its number is the leader's, also when the leader is gone. */
  readonly leader: Process;
  readonly session: Session;
  readonly members: Set<Process>;
  constructor(leader: Process, session: Session);
  signal(signal: number, origin: Process | "host"): void;
}
