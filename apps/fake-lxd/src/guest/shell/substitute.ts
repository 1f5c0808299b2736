/** `$( )`: the output of a subshell, without its last newlines. */
import { fromBuffer } from "../core/bytes.ts";
import { closeQuietly, pipe, readFd } from "../sys/io.ts";
import { exitCode, waitForEnd } from "../sys/processes.ts";
import type { Script } from "./ast.ts";
import { forkShell } from "./fork-shell.ts";
import type { Shell } from "./shell.ts";

const outputBytesMax = 16 * 1024 * 1024;

export async function substitute(shell: Shell, script: Script): Promise<string> {
  if (script.length === 0) {
    shell.substitutionStatus = 0;
    return "";
  }
  const { process } = shell;
  const [reader, writer] = pipe(process);
  const child = forkShell(shell, async (inner) => {
    inner.process.fds.close(reader);
    inner.process.fds.set(1, inner.process.fds.get(writer));
    inner.process.fds.close(writer);
    return inner.run.script(inner, script, true);
  });
  process.fds.close(writer);
  const output = await collect(shell, reader);
  shell.substitutionStatus = exitCode(await waitForEnd(process, child));
  shell.status = shell.substitutionStatus;
  // A NUL cannot be in a variable.
  return output.replaceAll("\0", "").replace(/\n+$/, "");
}

async function collect(shell: Shell, reader: number): Promise<string> {
  const chunks: string[] = [];
  let size = 0;
  try {
    for (;;) {
      const chunk = await readFd(shell.process, reader).catch((error: unknown) => retried(error));
      if (chunk === null) continue;
      size += chunk.length;
      if (chunk.length === 0 || size > outputBytesMax) return chunks.join("");
      chunks.push(fromBuffer(chunk));
    }
  } finally {
    closeQuietly(shell.process, reader);
  }
}

/** A signal with a trap does not cut the output short. */
function retried(error: unknown): null {
  if ((error as { code?: string }).code === "EINTR") return null;
  throw error;
}
