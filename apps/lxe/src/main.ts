/** Entry point of the `lxe` command. */
import { createProgram } from "./cli/program.ts";
import { ConfigError } from "./config/load.ts";
import { SocketError } from "./platform/socket.ts";

/** The user can mend it: a sentence says more than a stack. */
function isForUsers(error: unknown): error is Error {
  return error instanceof ConfigError || error instanceof SocketError;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!isForUsers(error)) throw error;
  console.error(`lxe: ${error.message}`);
  process.exitCode = 1;
}
