/** What the demo runs on: fake-lxd and lxe as processes of their own, on sockets in a temporary directory. */
import { createLxdClient } from "@lxe/lxd-client";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Daemon } from "../arms/arm.ts";
import { lxeDaemon } from "../arms/lxe-daemon.ts";
import { startChild, type Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { FAKE_LXD_PROGRAM } from "../support/paths.ts";

export interface Stage extends AsyncDisposable {
  readonly directory: string;
  readonly lxdSocket: string;
  readonly criSocket: string;
  /** lxe reads it anew for each pull. */
  readonly registryConfigDir: string;
}

export interface StageOptions {
  /** The processes outlive this one. */
  readonly detached: boolean;
  /** Told when something has come up. */
  readonly step: (text: string) => void;
}

/** Disposing ends both processes and removes the directory. */
export async function setStage({ detached, step }: StageOptions): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  // short, because names of sockets go below it; open to others, because containers have users of their own
  const directory = await mkdtemp("/tmp/lxe-");
  undo.defer(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o711);
  const lxdSocket = join(directory, "lxd.sock");
  const fake = startFake(lxdSocket, directory, detached);
  undo.defer(() => fake.end("SIGTERM"));
  await whenItAnswers(lxdSocket, fake);
  step(`fake-lxd answers on ${lxdSocket}`);
  const criSocket = join(directory, "lxe.sock");
  const lxe = daemonFor(directory, lxdSocket, criSocket, detached);
  undo.defer(() => lxe.stop("graceful"));
  await lxe.start();
  step(`lxe is ready on ${criSocket}`);
  const owned = undo.move();
  return {
    directory,
    lxdSocket,
    criSocket,
    registryConfigDir: registriesIn(directory),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const registriesIn = (directory: string): string => join(directory, "certs.d");

function startFake(socket: string, directory: string, detached: boolean): Child {
  const argv: [string, ...string[]] = [process.execPath, FAKE_LXD_PROGRAM, "--socket", socket];
  return startChild(argv, { detached, logFile: join(directory, "fake-lxd.log") });
}

function daemonFor(directory: string, lxdSocket: string, socket: string, detached: boolean): Daemon {
  return lxeDaemon({
    socket,
    stateDir: join(directory, "state"),
    lxdSocket,
    registryConfigDir: registriesIn(directory),
    bridgeName: "lxebr0",
    logFile: join(directory, "lxe.log"),
    detached,
  });
}

async function whenItAnswers(socketPath: string, fake: Child): Promise<void> {
  await using lxd = createLxdClient({ socketPath });
  const gone = fake.exited.then((end) => {
    throw new Error(`${end}:\n${fake.lastOutput()}`);
  });
  const answers = eventually(
    "fake-lxd answers",
    () => lxd.server.get(),
    () => true,
  );
  await Promise.race([answers, gone]);
}
