/** What makes no sense in a streaming request, whatever the state of the node. */

import { InvalidArgumentError } from "../errors.ts";
import type { CommandFlags } from "./command-session.ts";
import type { StreamingKind, StreamingRequests } from "./options.ts";

/** Throws InvalidArgumentError. */
export function validateRequest<K extends StreamingKind>(kind: K, request: StreamingRequests[K]): void {
  if ("podSandboxId" in request) {
    requireId("pod_sandbox_id", request.podSandboxId);
    return;
  }
  requireId("container_id", request.containerId);
  validateFlags(kind, request);
}

function requireId(name: string, id: string): void {
  if (id === "") throw new InvalidArgumentError(`missing required ${name}`);
}

function validateFlags(kind: StreamingKind, flags: CommandFlags): void {
  if (flags.tty && flags.stderr) throw new InvalidArgumentError("tty and stderr cannot both be true");
  if (!flags.stdin && !flags.stdout && !flags.stderr) {
    throw new InvalidArgumentError(`one of stdin, stdout or stderr must be set for ${kind}`);
  }
}
