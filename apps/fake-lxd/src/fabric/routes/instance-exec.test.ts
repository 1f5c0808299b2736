import { describe, expect, it } from "vitest";
import type { Envelope, FinishedOperation } from "../../testing/api.ts";
import { type Fixture, sleepingApp, startFixture, until } from "../../testing/fixture.ts";
import { type Client, connect, textOf } from "../../testing/websocket.ts";

interface Session {
  operation: string;
  fds: Record<string, string>;
}

async function running(): Promise<Fixture> {
  const fixture = await startFixture();
  await fixture.create("c1", sleepingApp, { config: { "environment.FROM": "instance" } });
  await fixture.start("c1");
  return fixture;
}

async function exec({ api }: Fixture, command: string[], more: object = {}): Promise<Session> {
  const body = { command, "wait-for-websocket": true, ...more };
  const { operation, metadata } = await api.call("POST", "/1.0/instances/c1/exec", body);
  const { fds } = (metadata as { metadata: { fds: Record<string, string> } }).metadata;
  return { operation, fds };
}

async function open({ fake }: Fixture, { operation, fds }: Session, names: string[]): Promise<Record<string, Client>> {
  const clients = names.map(async (name) => {
    return [name, await connect(fake.socketPath, `${operation}/websocket?secret=${fds[name]}`)] as const;
  });
  return Object.fromEntries(await Promise.all(clients));
}

const resultOf = ({ api }: Fixture, session: Session) => api.get<FinishedOperation>(`${session.operation}/wait`);

describe("exec over websockets", () => {
  it("streams stdin, stdout and stderr apart, ends with barriers and no close frame, and returns the code", async () => {
    await using fixture = await running();
    const session = await exec(fixture, ["sh", "-c", "echo out; echo err >&2; cat; exit 5"]);
    expect(Object.keys(session.fds)).toEqual(["0", "1", "2", "control"]);
    const { 0: stdin, 1: stdout, 2: stderr } = await open(fixture, session, ["0", "1", "2", "control"]);
    stdin?.socket.send(Buffer.from("hello\n"));
    stdin?.socket.send("");
    const { status, metadata } = await resultOf(fixture, session);
    expect([status, metadata?.["return"]]).toEqual(["Success", 5]);
    expect(await stdout?.closed).toBe(1006);
    expect(stdout && textOf(stdout)).toBe("out\nhello\n");
    expect(stderr && textOf(stderr)).toBe("err\n");
    expect(stdout?.frames.at(-1)).toEqual({ text: "" });
  });

  it("gives an interactive command a terminal and waits for the client after the barrier", async () => {
    await using fixture = await running();
    const session = await exec(fixture, ["sh", "-c", "echo hi; read x; echo got $x"], { interactive: true });
    const { 0: terminal } = await open(fixture, session, ["0", "control"]);
    terminal?.socket.send(Buffer.from("foo\n"));
    await until(() => terminal?.frames.at(-1)?.text === "");
    expect(terminal && textOf(terminal)).toMatch(/hi\r\n(.|\s)*got foo\r\n$/);
    const still = await fixture.api.get<FinishedOperation>(session.operation);
    expect(still.status).toBe("Running");
    terminal?.socket.close();
    expect((await resultOf(fixture, session)).metadata?.["return"]).toBe(0);
  });

  it("takes signals on the control socket, and kills when that is lost", async () => {
    await using fixture = await running();
    const first = await exec(fixture, ["sleep", "100"]);
    const sockets = await open(fixture, first, ["0", "1", "2", "control"]);
    sockets["control"]?.socket.send(JSON.stringify({ command: "signal", signal: 15 }));
    expect((await resultOf(fixture, first)).metadata?.["return"]).toBe(143);
    const second = await exec(fixture, ["sleep", "100"]);
    const others = await open(fixture, second, ["0", "1", "2", "control"]);
    others["control"]?.socket.terminate();
    expect((await resultOf(fixture, second)).metadata?.["return"]).toBe(137);
  });

  it("kills when stdout is closed and there is no control socket", async () => {
    await using fixture = await running();
    const session = await exec(fixture, ["sleep", "100"]);
    const { 1: stdout } = await open(fixture, session, ["0", "1", "2"]);
    stdout?.socket.close();
    expect((await resultOf(fixture, session)).metadata?.["return"]).toBe(137);
  });

  it("fails with 127 for a command that is not there", async () => {
    await using fixture = await running();
    const session = await exec(fixture, ["nope"]);
    await open(fixture, session, ["0", "1", "2"]);
    const { status, err, metadata } = await resultOf(fixture, session);
    expect([status, err, metadata?.["return"]]).toEqual(["Failure", "Command not found", 127]);
  });

  it("refuses wrong and missing secrets, and any after the end", async () => {
    await using fixture = await running();
    const session = await exec(fixture, ["true"]);
    const path = `${session.operation}/websocket`;
    await expect(connect(fixture.fake.socketPath, `${path}?secret=x`)).rejects.toThrow("500");
    await expect(connect(fixture.fake.socketPath, path)).rejects.toThrow("500");
    await open(fixture, session, ["0", "1", "2"]);
    await resultOf(fixture, session);
    await expect(open(fixture, session, ["1"])).rejects.toThrow("500");
  });

  it("keeps megabytes in order through backpressure", async () => {
    await using fixture = await running();
    const session = await exec(fixture, ["cat"]);
    const { 0: stdin, 1: stdout } = await open(fixture, session, ["0", "1", "2", "control"]);
    const block = Buffer.alloc(100_000, "0123456789");
    for (let count = 0; count < 30; count++) stdin?.socket.send(block);
    stdin?.socket.send("");
    await resultOf(fixture, session);
    await stdout?.closed;
    expect(stdout && textOf(stdout) === block.toString().repeat(30)).toBe(true);
  });
});

describe("exec without websockets", () => {
  it("records output in log files that can be read and deleted", async () => {
    await using fixture = await running();
    const { code, stdout, stderr } = await fixture.exec("c1", [
      "sh",
      "-c",
      "echo $FROM $LANG $HOME; echo e >&2; exit 3",
    ]);
    expect([code, stdout, stderr]).toEqual([3, "instance C.UTF-8 /root\n", "e\n"]);
    const files = await fixture.api.get<string[]>("/1.0/instances/c1/logs");
    const recorded = files.filter((file) => file.includes("exec_"));
    expect(recorded).toHaveLength(2);
    for (const file of recorded) expect((await fixture.api.call("DELETE", file)).status_code).toBe(200);
    expect(await fixture.api.refusal("DELETE", "/1.0/instances/c1/logs/lxc.log")).toEqual([
      400,
      "lxc.log and lxc.conf may not be deleted",
    ]);
  });

  it("returns 128 and the signal", async () => {
    await using fixture = await running();
    expect((await fixture.exec("c1", ["sh", "-c", "kill -9 $$"])).code).toBe(137);
  });

  it("answers while the command runs, cannot be cancelled, and ends with the daemon", async () => {
    await using fixture = await running();
    const started: Envelope = await fixture.api.call("POST", "/1.0/instances/c1/exec", { command: ["sleep", "100"] });
    expect(await fixture.api.refusal("DELETE", started.operation)).toEqual([400, "This operation can't be cancelled"]);
    const processes = async () => (await fixture.api.get<{ processes: number }>("/1.0/instances/c1/state")).processes;
    await until(async () => (await processes()) === 2);
    await fixture.fake.restart();
    await until(async () => (await processes()) === 1);
  });
});

describe("the console", () => {
  it("streams what the app writes, takes what is typed, and can be read later", async () => {
    await using fixture = await startFixture();
    await fixture.create("c1", ["lxc.init.cmd = /bin/cat"]);
    await fixture.start("c1");
    const { operation, metadata } = await fixture.api.call("POST", "/1.0/instances/c1/console", {});
    const { fds } = (metadata as { metadata: { fds: Record<string, string> } }).metadata;
    const { 0: terminal } = await open(fixture, { operation, fds }, ["0", "control"]);
    terminal?.socket.send(Buffer.from("typed\n"));
    await until(() => (terminal ? textOf(terminal) : "").split("typed\r\n").length > 2);
    expect((await fixture.api.raw("GET", "/1.0/instances/c1/console")).text).toContain("typed\r\n");
    terminal?.socket.close();
    const end = await fixture.api.get<FinishedOperation>(`${operation}/wait`);
    expect(end.status).toBe("Failure");
  });
});
