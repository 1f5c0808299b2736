/** One simulation, with what is told of it. */
import type { Job, JobResult } from "./jobs.ts";
import { simulate } from "./simulation.ts";

export async function runJob(job: Job, onLine?: (line: string) => void): Promise<JobResult> {
  const started = performance.now();
  const { violation, calls: _calls, ...rest } = await simulate({ ...job, onLine });
  const seconds = (performance.now() - started) / 1000;
  return {
    ...rest,
    violation: violation && { message: violation.message },
    seconds,
    rssBytes: process.memoryUsage.rss(),
  };
}
