/** Process groups and sessions. A group lives as long as a member does. */
import type { Process } from "./process.ts";
import type { Tty } from "./tty.ts";

export class Session {
  readonly leader: Process;
  tty: Tty | undefined;

  constructor(leader: Process) {
    this.leader = leader;
  }
}

export class ProcessGroup {
  /** Its number is the leader's, also when the leader is gone. */
  readonly leader: Process;
  readonly session: Session;
  readonly members = new Set<Process>();

  constructor(leader: Process, session: Session) {
    this.leader = leader;
    this.session = session;
  }

  signal(signal: number, origin: Process | "host"): void {
    for (const member of this.members) member.signal(signal, origin);
  }
}
