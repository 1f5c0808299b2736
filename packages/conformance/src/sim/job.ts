/** The program of a process of `jobs.ts`: simulates what it is told to, one after the other. */
import type { Job } from "./jobs.ts";
import { runJob } from "./run-job.ts";

process.on("message", (job: Job) => {
  void runJob(job).then((result) => process.send?.({ ...result, recent: result.violation ? result.recent : [] }));
});
process.once("disconnect", () => process.exit());
