/** Attaching to an instance's terminal, and reading what it wrote. */
import { websocketConnectMs } from "../../limits.ts";
import type { Daemon } from "../daemon.ts";
import { failure } from "../errors.ts";
import { instanceResources, instanceUrl } from "../instances/view.ts";
import type { Operation, OperationSocket } from "../operations.ts";
import type { InstanceRecord } from "../records.ts";
import type { ConsoleBuffer } from "../instances/console-buffer.ts";
import { runningMachine } from "./exec.ts";
import { Sockets } from "./sockets.ts";

function relay(socket: OperationSocket, terminal: ConsoleBuffer): Disposable {
  return terminal.attach((chunk) => void socket.send(chunk).catch(() => undefined));
}

function resizeBy(terminal: ConsoleBuffer, text: string): void {
  const { command, args } = JSON.parse(text) as { command?: string; args?: { width?: string; height?: string } };
  if (command === "window-resize") terminal.terminal.resize(Number(args?.width), Number(args?.height));
}

export function attachConsole(
  daemon: Daemon,
  instance: InstanceRecord,
  size: { width: number; height: number },
): Operation {
  const machine = runningMachine(instance);
  const dropped = Promise.withResolvers<"dropped">();
  const { console: terminal } = machine;
  const sockets = new Sockets(daemon.world.random, ["0", "control"], ["0", "control"], (name, socket) => {
    socket.onMessage((message) => {
      if ("closed" in message) dropped.resolve("dropped");
      else if (name === "0" && "binary" in message) terminal?.terminal.input.write(message.binary);
      else if (name === "control" && "text" in message && terminal !== null) resizeBy(terminal, message.text);
    });
  });
  const run = async () => {
    if (!(await daemon.guard(sockets.allConnected(daemon.world.clock, websocketConnectMs)))) {
      throw failure("Timed out waiting for websockets to connect");
    }
    const socket = sockets.get("0");
    if (terminal === null || socket === undefined) throw failure("Failed to attach to the console: no console");
    if (size.width > 0 && size.height > 0) terminal.terminal.resize(size.width, size.height);
    daemon.events.lifecycle(instance.project, {
      action: "instance-console",
      source: instanceUrl(instance),
      context: { type: "console" },
    });
    using _relay = relay(socket, terminal);
    const end = await daemon.guard(Promise.race([dropped.promise, machine.ended]));
    if (end === "dropped") throw failure("write /dev/pts/ptmx: file already closed");
    // The end of the terminal is a barrier; then it is the client's turn to leave.
    await socket.send("").catch(() => undefined);
    await daemon.guard(dropped.promise);
    sockets.cutAll();
  };
  return daemon.operations.create({
    project: instance.project,
    class: "websocket",
    description: "Showing console",
    resources: instanceResources(instance.name),
    metadata: { fds: sockets.fds },
    run,
    connect: sockets,
  });
}
