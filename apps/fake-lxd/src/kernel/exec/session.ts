/** The websockets of one exec as its standard streams, control messages, and the ways in which LXD ends all that. */
import type { Writable } from "node:stream";
import type { GuestProcess } from "../../guest/types.ts";
import type { OperationSocket } from "../operations.ts";
import { type Run, sigkill, type Stdio } from "./run.ts";
import { readableFrom, writableTo } from "./socket-streams.ts";
import { Sockets } from "./sockets.ts";

/** Where control messages and lost connections go once there is a process. */
class Controller {
  #process: GuestProcess | undefined;
  #pending: ((process: GuestProcess) => void)[] = [];
  #isOver = false;

  drive(process: GuestProcess): void {
    this.#process = process;
    for (const action of this.#pending) action(process);
    this.#pending = [];
  }

  /** The command has ended: sockets that close from now on mean nothing. */
  stop(): void {
    this.#isOver = true;
  }

  lost(): void {
    if (!this.#isOver) this.#do((process) => process.kill(sigkill));
  }

  message(text: string): void {
    let message: { command?: unknown; args?: Record<string, unknown>; signal?: unknown };
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return;
    }
    if (message.command === "window-resize") {
      const { width, height } = message.args ?? {};
      this.#do((process) => process.resize(Number(width), Number(height)));
    } else if (message.command === "signal" && typeof message.signal === "number") {
      const { signal } = message;
      this.#do((process) => process.kill(signal));
    }
  }

  #do(action: (process: GuestProcess) => void): void {
    if (this.#process === undefined) this.#pending.push(action);
    else action(this.#process);
  }
}

function listenForControl(socket: OperationSocket, controller: Controller): void {
  socket.onMessage((message) => {
    if ("text" in message) controller.message(message.text);
    else if ("closed" in message) controller.lost();
    else controller.message(Buffer.from(message.binary).toString());
  });
}

export interface Session {
  sockets: Sockets;
  controller: Controller;
  stdio: Stdio;
  /** Resolves when the client has closed, or ended, the terminal's socket. */
  clientLeft: Promise<void>;
}

/** Streams exist before their sockets do: a client may send before everything is connected. */
export function openSession(run: Run): Session {
  const { interactive } = run.request;
  const controller = new Controller();
  const left = Promise.withResolvers<void>();
  const names = interactive ? ["0", "control"] : ["0", "1", "2", "control"];
  const required = interactive ? ["0", "control"] : ["0", "1", "2"];
  let input: ReturnType<typeof readableFrom> | undefined;
  const sockets: Sockets = new Sockets(run.daemon.world.random, names, required, (name, socket) => {
    if (name === "control") listenForControl(socket, controller);
    else if (name === "0") input = readableFrom(socket, () => left.resolve());
    else {
      // Without control, anything read on stdout's socket means that the client is gone.
      socket.onMessage(() => {
        if (name === "1" && sockets.get("control") === undefined) controller.lost();
      });
    }
  });
  const out = writableTo(() => sockets.get(interactive ? "0" : "1"));
  const err = interactive ? out : writableTo(() => sockets.get("2"));
  return {
    sockets,
    controller,
    clientLeft: left.promise,
    stdio: {
      get stdin() {
        return input ?? null;
      },
      stdout: out,
      stderr: err,
    },
  };
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableEnded) resolve();
    else stream.end(() => resolve());
  });
}

async function endOutput(socket: OperationSocket | undefined): Promise<void> {
  await socket?.send("").catch(() => undefined);
}

/** Control first, then the barriers, then everything is cut without a close frame. */
export async function closeSession(run: Run, session: Session): Promise<void> {
  const { sockets, stdio } = session;
  session.controller.stop();
  await run.daemon.guard(Promise.all([flushed(stdio.stdout), flushed(stdio.stderr)]));
  sockets.get("control")?.cut();
  const outputs = run.request.interactive ? ["0"] : ["1", "2"];
  await run.daemon.guard(Promise.all(outputs.map((name) => endOutput(sockets.get(name)))));
  if (run.request.interactive) await run.daemon.guard(session.clientLeft);
  sockets.cutAll();
}
