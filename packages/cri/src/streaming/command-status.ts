/** What stands on the error stream of an exec or attach. Clients parse it: exactly one document, or none. */

import { statusMessageCharsMax } from "./limits.ts";
import type { CommandEnd } from "./session.ts";

/** `text`: up to v3, where success is silence and there are no exit codes. `json`: a metav1.Status. */
export type StatusFormat = "text" | "json";

const exitCodeMax = 255;

export function statusDocument(end: CommandEnd, format: StatusFormat): string {
  if (format === "text") return textOf(end);
  return JSON.stringify({ metadata: {}, ...statusOf(end) });
}

/** The message of whatever was thrown, bounded, and free of half characters. */
export function failureText(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure);
  return text.slice(0, statusMessageCharsMax).toWellFormed();
}

function textOf(end: CommandEnd): string {
  if ("error" in end) return internalError(end.error);
  const exitCode = clientExitCode(end.exitCode);
  return exitCode === 0 ? "" : exitText(exitCode);
}

function statusOf(end: CommandEnd): Record<string, unknown> {
  if ("error" in end) {
    return { status: "Failure", message: internalError(end.error), reason: "InternalError", code: 500 };
  }
  const exitCode = clientExitCode(end.exitCode);
  if (exitCode === 0) return { status: "Success" };
  return {
    status: "Failure",
    message: exitText(exitCode),
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  };
}

/** Clients parse eight bits, and call anything else a broken protocol. */
function clientExitCode(exitCode: number): number {
  return Number.isInteger(exitCode) && exitCode >= 0 && exitCode <= exitCodeMax ? exitCode : exitCodeMax;
}

function exitText(exitCode: number): string {
  return `command terminated with non-zero exit code: exit status ${exitCode}`;
}

function internalError(failure: unknown): string {
  return `Internal error occurred: ${failureText(failure)}`;
}
