/** The session of an exec or attach above any transport: from streams by role to what handlers see, and the order of the end. */

import type { ChannelStream } from "./channel-stream.ts";
import { type StatusFormat, statusDocument } from "./command-status.ts";
import { terminalSizes } from "./resize.ts";
import type { CommandEnd, CommandSession, TerminalSize } from "./session.ts";
import { endWritable } from "./writable-end.ts";

/** What a request asks for; resize goes with a terminal. */
export interface CommandFlags {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export interface CommandChannels {
  error: ChannelStream;
  stdin?: ChannelStream;
  stdout?: ChannelStream;
  stderr?: ChannelStream;
  resize?: ChannelStream;
}

export type CommandRole = keyof CommandChannels;

/** A client that is ready for its command, on some transport. */
export interface CommandTransport {
  channels: CommandChannels;
  statusFormat: StatusFormat;
  /** Aborts when the client goes away before `close`. */
  signal: AbortSignal;
  /** Ends the connection once all is sent; resolves when it has ended. */
  close(): Promise<void>;
  destroy(reason: Error): void;
}

export function commandRoles(flags: CommandFlags, resizes: boolean): CommandRole[] {
  const roles: CommandRole[] = ["error"];
  if (flags.stdin) roles.push("stdin");
  if (flags.stdout) roles.push("stdout");
  if (flags.stderr) roles.push("stderr");
  if (flags.tty && resizes) roles.push("resize");
  return roles;
}

export class TransportSession implements CommandSession {
  readonly stdin?: ChannelStream;
  readonly stdout?: ChannelStream;
  readonly stderr?: ChannelStream;
  readonly resize?: AsyncIterable<TerminalSize>;
  readonly #transport: CommandTransport;
  readonly #tellsExitCode: boolean;
  #finished: Promise<void> | undefined;

  /** Those attached to a command learn that it has ended, but not how. */
  constructor(transport: CommandTransport, { tellsExitCode }: { tellsExitCode: boolean }) {
    this.#transport = transport;
    this.#tellsExitCode = tellsExitCode;
    const { error, stdin, stdout, stderr, resize } = transport.channels;
    // Clients send nothing on these; what they send all the same must not stall the rest.
    for (const stream of [error, stdout, stderr]) stream?.discard();
    if (stdin !== undefined) this.stdin = stdin;
    if (stdout !== undefined) this.stdout = stdout;
    if (stderr !== undefined) this.stderr = stderr;
    if (resize !== undefined) this.resize = terminalSizes(resize);
  }

  finish(end: CommandEnd): Promise<void> {
    this.#finished ??= this.#finish("exitCode" in end && !this.#tellsExitCode ? { exitCode: 0 } : end);
    return this.#finished;
  }

  /** Clients take the end of both outputs before they look at the status, and leave once they have that. */
  async #finish(end: CommandEnd): Promise<void> {
    const { channels, statusFormat } = this.#transport;
    channels.stdin?.discard();
    await Promise.all([endWritable(channels.stdout), endWritable(channels.stderr)]);
    await Promise.all([endWritable(channels.stdin), endWritable(channels.resize)]);
    const status = statusDocument(end, statusFormat);
    if (status !== "" && !channels.error.destroyed) channels.error.write(status);
    await endWritable(channels.error);
    void this.#transport.close();
  }
}
