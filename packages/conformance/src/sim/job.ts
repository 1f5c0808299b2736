/**
 * The program of a process of `jobs.ts`: simulates what it is told to, one after the other. Errors are part of what is simulated, thousands
 * a minute, and noting where each was made takes longer than making it: here none has a stack. The replay of a violation shows them.
 */
import { flushCompileCache } from "node:module";
import type { Job } from "./jobs.ts";
import { runJob } from "./run-job.ts";

Error.stackTraceLimit = 0;
let isFirst = true;

async function simulate(job: Job): Promise<void> {
  const result = await runJob(job);
  // with the last result this process is killed: here it keeps what the next ones need not compile again
  if (isFirst) flushCompileCache();
  isFirst = false;
  process.send?.({ ...result, recent: result.violation ? result.recent : [] });
}

process.on("message", (job: Job) => void simulate(job));
process.once("disconnect", () => process.exit());
