/** Go, which builds tools of others. */
import { findProgram, runProgram, searchPath } from "./program.ts";

/** Where Go is found when it is not in the PATH: its own archive's place, and Debian's. */
const GO_DIRECTORIES = ["/usr/local/go/bin", "/usr/lib/go/bin"];

export function goProgram(): string | undefined {
  return findProgram("go", [...searchPath(), ...GO_DIRECTORIES]);
}

/** In the directory of a module. An older Go fetches the one that go.mod asks for. */
export async function runGo(args: readonly string[], cwd: string): Promise<void> {
  await runProgram(goProgram() ?? "go", [...args], { cwd, env: { ...process.env, GOTOOLCHAIN: "auto" } });
}
