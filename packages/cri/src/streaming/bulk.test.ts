/** Many bytes, slow readers, and what they cost. */

import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { streamBufferBytesMax } from "./limits.ts";
import type { ExecSession } from "./session.ts";
import { SpdyTestClient } from "./testing/spdy-client.ts";
import { startStreaming } from "./testing/start-streaming.ts";
import { settled, until } from "./testing/until.ts";

const chunkBytes = 256 * 1024;
const chunksOf100MiB = (100 * 1024 * 1024) / chunkBytes;

/** Bytes that differ from chunk to chunk; not random, which would be slow. */
function* chunks(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) {
    const chunk = Buffer.alloc(chunkBytes, index % 251);
    chunk.writeUInt32BE(index, index % 1000);
    yield chunk;
  }
}

function digestOf(count: number): string {
  const hash = createHash("sha1");
  for (const chunk of chunks(count)) hash.update(chunk);
  return hash.digest("hex");
}

/** Digests stdin, writes the same amount to stdout, and says the digest on stderr. */
async function exchange(_: unknown, session: ExecSession): Promise<void> {
  const hash = createHash("sha1");
  const read = async () => {
    for await (const chunk of session.stdin ?? []) hash.update(chunk as Buffer);
  };
  const write = async () => {
    if (session.stdout !== undefined) await pipeline(chunks(chunksOf100MiB), session.stdout);
  };
  await Promise.all([read(), write()]);
  session.stderr?.write(hash.digest("hex"));
  await session.finish({ exitCode: 0 });
}

describe("100 MiB each way at once, with checksums", () => {
  const request = { stdin: true, stderr: true };

  it("pass over SPDY", async () => {
    await using streaming = await startStreaming({ exec: exchange });
    const client = await SpdyTestClient.connect(streaming.url("exec", request));
    const { error, stdin, stdout, stderr } = await client.openAll("error", "stdin", "stdout", "stderr");
    const hash = createHash("sha1");
    stdout.onPiece((piece) => hash.update(piece));
    for (const chunk of chunks(chunksOf100MiB)) await stdin.write(chunk);
    await stdin.end();
    expect(await stderr.text()).toBe(digestOf(chunksOf100MiB));
    expect(await error.text()).toContain("Success");
    expect(hash.digest("hex")).toBe(digestOf(chunksOf100MiB));
  });

  it("pass over a WebSocket", async () => {
    await using streaming = await startStreaming({ exec: exchange });
    const webSocket = new WebSocket(streaming.url("exec", request).replace("http", "ws"), "v5.channel.k8s.io");
    const hashes = new Map<number, Hash>([[1, createHash("sha1")]]);
    let stderr = "";
    webSocket.on("message", (message: Buffer) => {
      if (message[0] === 2) stderr += message.toString("latin1", 1);
      hashes.get(message[0] ?? 0)?.update(message.subarray(1));
    });
    const closed = once(webSocket, "close");
    await once(webSocket, "open");
    for (const chunk of chunks(chunksOf100MiB)) {
      await new Promise((resolve) => webSocket.send(Buffer.concat([Buffer.alloc(1), chunk]), resolve));
    }
    webSocket.send(Buffer.from([255, 0]));
    await closed;
    expect(stderr).toBe(digestOf(chunksOf100MiB));
    expect(hashes.get(1)?.digest("hex")).toBe(digestOf(chunksOf100MiB));
  });
});

/** What kernels may hold between two sockets on loopback, both ends together. */
const kernelBytesMax = 16 * 1024 * 1024;

describe("a reader that stops", () => {
  it("stops the handler's output, not the client's stdin, and gets all of it when it goes on", async () => {
    let written = 0;
    let input = "";
    const count = 400;
    await using streaming = await startStreaming({
      exec: async (_, session) => {
        session.stdin?.on("data", (chunk: Buffer) => {
          input += chunk.toString();
        });
        for (const chunk of chunks(count)) {
          written += chunk.length;
          if (session.stdout?.write(chunk) === false) await once(session.stdout, "drain");
        }
        await session.finish({ exitCode: 0 });
      },
    });
    const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
    const { stdin, stdout, error } = await client.openAll("error", "stdin", "stdout");
    let received = 0;
    const hash = createHash("sha1");
    stdout.onPiece((piece) => {
      received += piece.length;
      hash.update(piece);
    });
    client.socket.pause();
    await until(() => written > 0);
    await settled(() => written);
    await stdin.write("ctrl-C");
    await until(() => input === "ctrl-C");
    expect(written - received).toBeLessThan(kernelBytesMax);
    client.socket.resume();
    await error.ended;
    expect(received).toBe(count * chunkBytes);
    expect(hash.digest("hex")).toBe(digestOf(count));
  });

  it("stops the client's input, which is bounded here, and gets all of it when it goes on", async () => {
    const go = Promise.withResolvers<void>();
    const hash = createHash("sha1");
    const count = 200;
    let taken = 0;
    await using streaming = await startStreaming({
      exec: async (_, session) => {
        await go.promise;
        for await (const chunk of session.stdin ?? []) {
          taken += (chunk as Buffer).length;
          hash.update(chunk as Buffer);
        }
        await session.finish({ exitCode: 0 });
      },
    });
    const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
    const { stdin, error } = await client.openAll("error", "stdin", "stdout");
    for (const chunk of chunks(count)) void stdin.write(chunk);
    const socket = client.socket as Socket;
    // Bounded by what the kernel and one stream may hold: the rest waits in the client.
    await until(() => socket.bytesWritten - socket.writableLength > streamBufferBytesMax);
    await settled(() => socket.writableLength);
    expect(socket.writableLength).toBeGreaterThan(count * chunkBytes - kernelBytesMax - streamBufferBytesMax);
    go.resolve();
    await stdin.end();
    await error.ended;
    expect(taken).toBe(count * chunkBytes);
    expect(hash.digest("hex")).toBe(digestOf(count));
  });
});

describe("many sessions", () => {
  it("run side by side and leave nothing", async () => {
    await using streaming = await startStreaming({
      exec: async (_, session) => {
        if (session.stdin !== undefined && session.stdout !== undefined) await pipeline(session.stdin, session.stdout);
        await session.finish({ exitCode: 0 });
      },
    });
    const all = Array.from({ length: 100 }, async (_, index) => {
      const client = await SpdyTestClient.connect(streaming.url("exec", { stdin: true }));
      const { stdin, stdout } = await client.openAll("error", "stdin", "stdout");
      await stdin.write(`session ${index}`, true);
      expect(await stdout.text()).toBe(`session ${index}`);
      await client.closed;
    });
    await Promise.all(all);
    await until(() => streaming.server.active === 0);
  });
});
