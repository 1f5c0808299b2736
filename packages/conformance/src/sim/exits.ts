/** Judges how a container ended and what its log holds by what its app wrote. */
import type { ContainerStatus } from "@lxe/cri";
import type { Disk } from "./disk.ts";
import type { Output } from "./ledger.ts";
import type { KnownContainer, Pod } from "./model.ts";
import { logPathOf } from "./plan.ts";
import { Violation } from "./violation.ts";

/** Of an app that did not end by itself: by SIGKILL, or by SIGTERM where it is not the first process of its PID namespace. */
const SIGNALLED: ReadonlySet<number> = new Set([137, 143]);
const START_ERROR = "StartError";
const UNKNOWN = "Unknown";

/** What the app's last line says, if it came to that. */
export function toldExit({ stdout }: Output): number | undefined {
  const match = /(?:^|\n)end (\d+)\n$/.exec(stdout);
  return match ? Number(match[1]) : undefined;
}

export function checkExit(container: KnownContainer, status: ContainerStatus, output: Output): void {
  const { exitCode, reason, startedAt, finishedAt } = status;
  const about = `container ${container.id}`;
  if (finishedAt < startedAt) throw new Violation(`${about} finished before it started`);
  if (container.exit !== undefined) {
    if (container.exit.code !== exitCode || container.exit.finishedAt !== finishedAt)
      throw new Violation(`${about} changed its exit from ${container.exit.code} to ${exitCode}`);
    return;
  }
  container.exit = { code: exitCode, finishedAt };
  const told = toldExit(output);
  const asked = container.stopAsked || container.removeAsked;
  // a start that failed: the kubelet was told, whatever the app did meanwhile
  if (reason === START_ERROR && !container.started) return;
  if (told === undefined) {
    // LXD died in the middle of the start, and nothing ever ran: lists show it as running until that is sure
    if (reason === UNKNOWN && !container.answered && output.stdout === "" && output.stderr === "") return;
    if (container.started && !asked)
      throw new Violation(
        `${about} has ended with ${exitCode} (${reason}), though nobody asked to stop it: ${JSON.stringify(output)}`,
      );
    if (container.started && !SIGNALLED.has(exitCode))
      throw new Violation(`${about} was killed, but its exit code is ${exitCode} (${reason})`);
    return;
  }
  // a signal can come between the last line and the exit
  const killed = (asked || !container.started) && SIGNALLED.has(exitCode);
  if (exitCode !== told && !killed)
    throw new Violation(`${about} ended with ${told}, but its exit code is ${exitCode} (${reason})`);
}

const RECORD = /^\S+ (stdout|stderr) ([PF]) (.*)$/s;

/** What the log says that the app wrote. */
export function loggedOutput(disk: Disk, pod: Pod, container: KnownContainer): Output {
  const current = logPathOf(pod.plan, container.plan, container.attempt);
  const output = { stdout: "", stderr: "" };
  for (const path of [...container.rotated, current]) {
    const node = disk.find(path);
    const text = node ? disk.contentOf(node).toString() : "";
    if (text !== "" && !text.endsWith("\n")) throw new Violation(`${path} ends within a record`);
    for (const line of text.split("\n").slice(0, -1)) {
      const [, stream, tag, content = ""] = RECORD.exec(line) ?? [];
      if (stream === undefined) throw new Violation(`${path} has a line that is no record: ${JSON.stringify(line)}`);
      output[stream === "stderr" ? "stderr" : "stdout"] += tag === "F" ? `${content}\n` : content;
    }
  }
  return output;
}

/** `complete`: the container has ended, so all has to be there. */
export function checkLog(disk: Disk, pod: Pod, container: KnownContainer, output: Output, complete: boolean): void {
  const logged = loggedOutput(disk, pod, container);
  for (const stream of ["stdout", "stderr"] as const) {
    const right = complete ? logged[stream] === output[stream] : output[stream].startsWith(logged[stream]);
    if (!right) {
      const texts = `${JSON.stringify(output[stream])}, but the log has ${JSON.stringify(logged[stream])}`;
      throw new Violation(`${stream} of container ${container.id} of ${pod.plan.name} was ${texts}`);
    }
  }
}
