/**
 * The program that forwards connections into a pod's network. It runs in the sandbox's instance, is told over a unix socket what
 * to connect to, and forks two processes for each connection, one for each direction, which only read and write. They end when
 * lxe's ends of their sockets close, however lxe ended.
 */

import { connectTo, INSIDE } from "./inside.ts";
import { type Address, Assembler, type Cell, type Label } from "./assemble.ts";
import type { Machine } from "./machine.ts";

/** In `/.lxe`: the program, and where lxe listens. */
export const RELAY_PROGRAM = "relay";
export const RELAY_SOCKET = "relay.sock";

/** What each of the relay's connections begins with, so that lxe knows which it is. */
export const TAG_BYTES = 8;
export const CONTROL_TAG: Buffer = Buffer.alloc(TAG_BYTES);
/** Behind the tag of a connection that carries what the pod sends. */
export const OUTCOME_BYTES = 16;

/** Whether the pod was reached: 0, or the errno of why not; undefined for what was not tried. */
export interface Outcome {
  readonly ipv4: number | undefined;
  readonly ipv6: number | undefined;
}

export interface RelayRequest {
  /** Tag of the connection that carries what the pod sends. lxe sends nothing on it: its end says that the client has gone. */
  readonly fromPod: Uint8Array;
  /** Tag of the connection that carries what the client sends. */
  readonly toPod: Uint8Array;
  readonly port: number;
}

const REQUEST_BYTES = 64;
const IPV4_AT = 16;
const IPV6_AT = 32;
const IPV4_BYTES = 16;
const IPV6_BYTES = 28;
const AF_INET = 2;
const AF_INET6 = 10;

/** As the program reads it: the tags, then the socket addresses of both families. */
export function relayRequest({ fromPod, toPod, port }: RelayRequest): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.set(fromPod, 0);
  request.set(toPod, TAG_BYTES);
  request.writeUInt16LE(AF_INET, IPV4_AT);
  request.writeUInt16BE(port, IPV4_AT + 2);
  request.set([127, 0, 0, 1], IPV4_AT + 4);
  request.writeUInt16LE(AF_INET6, IPV6_AT);
  request.writeUInt16BE(port, IPV6_AT + 2);
  request.writeUInt8(1, IPV6_AT + 8 + 15); // the last byte of ::1
  return request;
}

export function readOutcome(bytes: Buffer): Outcome {
  return { ipv4: errnoIn(bytes.readBigInt64LE(0)), ipv6: errnoIn(bytes.readBigInt64LE(8)) };
}

const NOT_TRIED = 1n;
const errnoIn = (result: bigint): number | undefined => (result === NOT_TRIED ? undefined : Number(-result));

const SIGPIPE = 13;
const SIGCHLD = 17;
const SIG_IGN = 1n;
const SOCK_STREAM = 1;
const MSG_DONTWAIT = 0x40;
const MSG_WAITALL = 0x100;
const SHUT_WR = 1;
const SHUT_RDWR = 2;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const POLLIN = 1;
const BUFFER_BYTES = 64 * 1024;

/** Descriptors of a forwarded connection; those below are closed. */
const FROM_POD = 10;
const TO_POD = 11;
const POD = 12;

/**
 * Bytes of the ELF file. The program connects to `/.lxe/relay.sock`, sends `CONTROL_TAG`, and goes on in the background; it ends with
 * 1 when nobody listens there. For each request that it reads it connects there again, with the request's `fromPod` and the outcome,
 * and once more, with `toPod`, if the pod was reached.
 */
export function relayProgram(machine: Machine, socketPath: string = `${INSIDE}/${RELAY_SOCKET}`): Buffer {
  const asm = new Assembler(machine);
  const request = asm.bytes(Buffer.alloc(REQUEST_BYTES));
  const outcome = asm.bytes(Buffer.from(BigInt64Array.of(NOT_TRIED, NOT_TRIED).buffer));
  const [failed, serve, next, connection, refuse] = labels(asm, "failed", "serve", "next", "connection", "refuse");
  const done = asm.label("done");
  const tellOutcome = (fromPod: Cell): void => {
    asm.step("write", [fromPod, request, TAG_BYTES]);
    asm.step("write", [fromPod, outcome, OUTCOME_BYTES]);
  };

  // what LXD started it with is LXD's
  asm.step("close_range", [0, 0xffffffff, 0]);
  ignoreSignal(asm, SIGPIPE);
  ignoreSignal(asm, SIGCHLD); // nobody waits for the forked processes
  const control = connectTo(asm, socketPath, failed);
  asm.step("write", [control, asm.bytes(CONTROL_TAG), TAG_BYTES], { onError: failed });
  fork(asm, { child: serve, parent: done, onError: failed });

  asm.place(serve);
  asm.step("setsid", []);
  asm.place(next);
  asm.step("recvfrom", [control, request, REQUEST_BYTES, MSG_WAITALL, 0, 0], { onError: done, onZero: done });
  const ipv4 = { cell: outcome };
  fork(asm, { child: connection, parent: next, onError: refuse, result: ipv4 });
  asm.place(refuse);
  const refused = connectTo(asm, socketPath);
  tellOutcome(refused);
  asm.step("close", [refused], { onError: next, onSuccess: next });

  asm.place(connection);
  const [byIpv6, reached, unreachable, send] = labels(asm, "IPv6", "reached", "unreachable", "send");
  const fromPod = connectTo(asm, socketPath, done);
  const ipv6 = { cell: { ...outcome, offset: 8 } };
  const pod = asm.cell();
  asm.step("socket", [AF_INET, SOCK_STREAM, 0], { result: pod });
  asm.step("connect", [pod, { ...request, offset: IPV4_AT }, IPV4_BYTES], {
    result: ipv4,
    onError: byIpv6,
    onSuccess: reached,
  });
  asm.place(byIpv6);
  asm.step("close", [pod]);
  asm.step("socket", [AF_INET6, SOCK_STREAM, 0], { result: pod, onError: unreachable });
  asm.step("connect", [pod, { ...request, offset: IPV6_AT }, IPV6_BYTES], { result: ipv6, onError: unreachable });
  asm.place(reached);
  const toPod = connectTo(asm, socketPath, done);
  asm.step("write", [toPod, { ...request, offset: TAG_BYTES }, TAG_BYTES]);
  for (const [from, to] of [
    [fromPod, FROM_POD],
    [toPod, TO_POD],
    [pod, POD],
  ] as const)
    asm.step("dup3", [from, to, 0]);
  asm.step("setsockopt", [POD, IPPROTO_TCP, TCP_NODELAY, asm.bytes(Buffer.from(Int32Array.of(1).buffer)), 4]);
  const receive = asm.label("receive");
  // the child's result is 0: success
  fork(asm, { child: receive, parent: send, onError: unreachable, result: ipv4 });
  asm.place(unreachable);
  tellOutcome(fromPod);
  asm.place(done);
  asm.step("exit_group", [0]);
  asm.place(failed);
  asm.step("exit_group", [1]);

  const buffer = asm.reserve(BUFFER_BYTES);
  asm.place(receive);
  tellOutcome(fromPod);
  fromPodToClient(asm, buffer, done);
  asm.place(send);
  fromClientToPod(asm, buffer, done);
  return asm.build();
}

/** Ends when lxe closes the connection, never before: until then it can tell the other direction that the client has gone. */
function fromPodToClient(asm: Assembler, buffer: Address, done: Label): void {
  const [copy, ended, gone] = labels(asm, "copy from the pod", "the pod has ended", "the client has gone");
  const count = asm.cell();
  asm.step("close", [TO_POD]);
  asm.step("close_range", [0, FROM_POD - 1, 0]);
  asm.place(copy);
  const polled = asm.bytes(Buffer.concat([POD, FROM_POD].map(pollFor)));
  asm.step("ppoll", [polled, 2, 0, 0, 0]);
  // nothing there: it was the other one
  asm.step("recvfrom", [POD, buffer, BUFFER_BYTES, MSG_DONTWAIT, 0, 0], {
    result: count,
    onError: gone,
    onZero: ended,
  });
  asm.step("write", [FROM_POD, buffer, count], { onError: gone, onSuccess: copy });
  asm.place(ended);
  asm.step("shutdown", [FROM_POD, SHUT_WR]);
  asm.step("read", [FROM_POD, buffer, BUFFER_BYTES]);
  asm.place(gone);
  // the other direction may wait for an app that does not read
  asm.step("shutdown", [POD, SHUT_RDWR], { onError: done, onSuccess: done });
}

function fromClientToPod(asm: Assembler, buffer: Address, done: Label): void {
  const [copy, ended, broken] = labels(asm, "copy to the pod", "the client has ended", "the client is lost");
  const count = asm.cell();
  asm.step("close", [FROM_POD]);
  asm.step("close_range", [0, FROM_POD - 1, 0]);
  asm.place(copy);
  asm.step("read", [TO_POD, buffer, BUFFER_BYTES], { result: count, onError: broken, onZero: ended });
  asm.step("write", [POD, buffer, count], { onError: done, onSuccess: copy });
  asm.place(ended);
  asm.step("shutdown", [POD, SHUT_WR], { onError: done, onSuccess: done });
  asm.place(broken);
  asm.step("shutdown", [POD, SHUT_RDWR], { onError: done, onSuccess: done });
}

interface Fork {
  readonly child: Label;
  readonly parent: Label;
  readonly onError: Label;
  readonly result?: Cell;
}

function fork(asm: Assembler, { child, parent, onError, result }: Fork): void {
  asm.step("clone", [SIGCHLD, 0, 0, 0, 0], { onZero: child, onSuccess: parent, onError, ...(result && { result }) });
}

function ignoreSignal(asm: Assembler, signal: number): void {
  const action = Buffer.alloc(32);
  action.writeBigUInt64LE(SIG_IGN, 0);
  asm.step("rt_sigaction", [signal, asm.bytes(action), 0, 8]);
}

function pollFor(fd: number): Buffer {
  const polled = Buffer.alloc(8);
  polled.writeInt32LE(fd, 0);
  polled.writeInt16LE(POLLIN, 4);
  return polled;
}

function labels<Names extends string[]>(asm: Assembler, ...names: Names): { [K in keyof Names]: Label } {
  return names.map((name) => asm.label(name)) as { [K in keyof Names]: Label };
}
