import type { ExecExit } from "../api/exec.ts";
import { checkSuccess } from "../operations/run.ts";
import { LxdError } from "../errors.ts";
import { type Operation, StatusCode } from "../schema/index.ts";

/** A command that could not be started fails the operation, but has an exit code: 126 or 127. */
export function exitOf(label: string, ended: Operation): ExecExit {
  const code = ended.metadata?.["return"];
  if (typeof code === "number" && ended.status_code === StatusCode.success) return { code };
  if (code === 126 || code === 127) return { code, error: ended.err };
  checkSuccess(label, ended);
  throw new LxdError("protocol", `${label}: the operation has no exit code`, { request: label });
}
