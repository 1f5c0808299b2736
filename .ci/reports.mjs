/** vitest's JSON reports and those of `npm run conformance`, for the scripts beside this one. */
import { existsSync, readFileSync } from "node:fs";

/** Of the files that the command line names; a missing one is left out. */
export const reports = process.argv
  .slice(2)
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, "utf8")));

/** A file that cannot even be loaded has no failed tests, only a failed suite. */
export const isBrokenFile = ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0;
