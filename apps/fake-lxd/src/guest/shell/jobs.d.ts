/** Background jobs of a shell. */
import type { ExitStatus, Process } from "../core/process.ts";
export interface Job {
  readonly number: number;
  /** The members of its pipeline; the last one's status is the job's. */
  readonly processes: readonly Process[];
  readonly text: string;
  readonly statuses: Map<Process, ExitStatus>;
}
export declare class Jobs {
  #private;
  add(processes: Process[], text: string): Job;
  list(): readonly Job[];
  remove(job: Job): void;
  ofPid(pid: number): Job | undefined;
  /** `%1`, `%%`, `%+`, `%-`, `%name` */
  ofText(text: string): Job | undefined;
}
export declare function jobDone(job: Job): boolean;
export declare function jobStatus(job: Job): ExitStatus;
export declare function jobLine(job: Job, jobs: readonly Job[]): string;
