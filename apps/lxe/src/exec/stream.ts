/** Runs a command in a container while a client is there. Owns which way its streams go. */

import type { ExecRequest } from "@lxe/cri";
import type { ExecSession } from "@lxe/cri/streaming";
import type { ContainerRecord } from "../model/records.ts";
import { execOverPipes } from "./pipes.ts";
import type { RunContext } from "./program.ts";
import { execInTerminal } from "./terminal.ts";

/**
 * Resolves when the client was told how the command ended, or has gone: then the command and its session are killed.
 * @throws UnknownError when the command could not be started.
 */
export function streamExec(
  context: RunContext,
  container: ContainerRecord,
  request: ExecRequest,
  client: ExecSession,
  signal: AbortSignal,
): Promise<void> {
  const exec = request.tty ? execInTerminal : execOverPipes;
  return exec(context, container, request, client, signal);
}
