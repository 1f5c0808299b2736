import { expect, it } from "vitest";
import { PURPOSES } from "../init/process.ts";
import { startErrorMessage } from "./start-error.ts";

it.each([
  { errno: 2, call: "execve", purpose: "run the command", says: "cannot run the command: no such file or directory" },
  { errno: 13, call: "execve", purpose: "run the command", says: "cannot run the command: permission denied" },
  {
    errno: 20,
    call: "chdir",
    purpose: "change to the working directory",
    says: "cannot change to the working directory: not a directory",
  },
  { errno: 9999, call: "execve", purpose: "run the command", says: "cannot run the command: " },
  { errno: 1, call: "prctl", purpose: "", says: "cannot call prctl: operation not permitted" },
  { errno: 1, call: undefined, purpose: "", says: "cannot call the kernel: operation not permitted" },
] as const)("says $says", ({ errno, call, purpose, says }) => {
  expect(startErrorMessage({ errno, call, purpose: PURPOSES.indexOf(purpose) })).toContain(says);
});
