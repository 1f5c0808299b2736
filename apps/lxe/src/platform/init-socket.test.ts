import { once } from "node:events";
import { mkdir, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listenForInit } from "./init-socket.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const forever = new AbortController().signal;

async function fixture() {
  const directory = await temporaryDirectory();
  const path = join(directory.path, "ready");
  const listener = await listenForInit(path);
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(socket));
      socket.on("error", reject);
    });
  return {
    path,
    listener,
    open,
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe("the socket of an init program", () => {
  it("tells nothing but an end when the program became the command", async () => {
    await using init = await fixture();
    (await init.open()).destroy();
    expect(await init.listener.report(forever)).toEqual(Buffer.alloc(0));
  });

  it("tells the bytes of a failure, in however many pieces they come", async () => {
    await using init = await fixture();
    const report = init.listener.report(forever);
    const socket = await init.open();
    socket.write("fail");
    expect((await init.listener.first(4, forever)).toString()).toBe("fail");
    socket.end("ure");
    expect((await report).toString()).toBe("failure");
  });

  it("tells the first bytes before the end", async () => {
    await using init = await fixture();
    const first = init.listener.first(2, forever);
    (await init.open()).write("ab");
    expect((await first).toString()).toBe("ab");
  });

  it("tells fewer than the first bytes when there are no more", async () => {
    await using init = await fixture();
    (await init.open()).end("a");
    expect((await init.listener.first(2, forever)).toString()).toBe("a");
  });

  it.each(["before", "meanwhile"])("stops waiting when the caller gave up %s", async (when) => {
    await using init = await fixture();
    const caller = new AbortController();
    if (when === "before") caller.abort(new Error("gone"));
    const report = init.listener.report(caller.signal);
    caller.abort(new Error("gone"));
    await expect(report).rejects.toThrow("gone");
  });

  it("answers a program once it can, and takes no second one", async () => {
    await using init = await fixture();
    const answer = Promise.withResolvers<Uint8Array>();
    init.listener.renew(answer.promise);
    const socket = await init.open();
    socket.write("pid");
    expect((await init.listener.first(3, forever)).toString()).toBe("pid");
    const second = await init.open();
    await once(second.resume(), "close");
    expect(init.listener.hasEnded).toBe(false);
    answer.resolve(Buffer.from("what to do"));
    expect(String((await once(socket, "data"))[0])).toBe("what to do");
    socket.end("!");
    expect((await init.listener.report(forever)).toString()).toBe("pid!");
    expect(init.listener.hasEnded).toBe(true);
  });

  it("serves one program after the other, and keeps apart what they tell", async () => {
    await using init = await fixture();
    for (const word of ["first", "second"]) {
      init.listener.renew(Promise.resolve(Buffer.of(1)));
      expect(init.listener.hasEnded).toBe(false);
      (await init.open()).end(word);
      expect((await init.listener.report(forever)).toString()).toBe(word);
    }
  });

  it("ends a program that there is no answer for", async () => {
    await using init = await fixture();
    init.listener.renew(Promise.reject(new Error("no space left")));
    const socket = await init.open();
    socket.write("pid");
    await once(socket.resume(), "close");
    expect((await init.listener.report(forever)).toString()).toBe("pid");
  });

  it("may be reached by other users, replaces an old one, and is gone in the end", async () => {
    await using init = await fixture();
    expect((await stat(init.path)).mode & 0o777).toBe(0o666);
    await using again = await listenForInit(init.path);
    (await init.open()).destroy();
    await again.report(forever);
    await again[Symbol.asyncDispose]();
    await expect(stat(init.path)).rejects.toThrow("ENOENT");
  });

  it("may have a longer path than the kernel takes for a socket's name", async () => {
    await using temporary = await temporaryDirectory();
    const directory = join(temporary.path, "x".repeat(120));
    await mkdir(directory);
    const path = join(directory, "ready");
    const listener = await listenForInit(path);
    expect((await stat(path)).isSocket()).toBe(true);
    await listener[Symbol.asyncDispose]();
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  it("does not wait for a program that holds it open", async () => {
    await using init = await fixture();
    await init.open();
    await expect(init.listener[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
