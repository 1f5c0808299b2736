/** Clients that others wrote against lxe, on any of its arms: what they get, and what is left when they are killed. */
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { PassThrough, Readable, type Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { ContainerState } from "@lxe/cri";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Arm, ArmInstance } from "../arms/arm.ts";
import type { TestContainer } from "../support/container.ts";
import { eventually } from "../support/eventually.ts";
import { leftovers } from "../support/leftovers.ts";
import { type Holdings, holdingsOfLxe } from "../support/lxe-holdings.ts";
import { runPod, type TestPod } from "../support/pod.ts";
import type { InteropClient } from "./client.ts";
import { goClient, goClientProgram, noGoReason } from "./go-client.ts";
import { jsClient } from "./js-client.ts";

const START_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 300_000;
const BULK_BYTES = 100 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, "what is sent has to come back, byte by byte. ");
const ECHO_PORT = 7007;
const ENDLESS_PORT = 7009;
const KILLS = 5;
/** A client that is killed has had this much. */
const MID_STREAM_BYTES = 1024 * 1024;

/** What is missing is skipped with a reason. */
export function interopSuite(arm: Arm): void {
  describe(`on the ${arm.name} arm`, () => {
    const owned = new AsyncDisposableStack();
    let started: { arm: ArmInstance; pod: TestPod; container: TestContainer } | undefined;
    let program = "";

    beforeAll(async () => {
      const noGo = noGoReason();
      if (noGo === undefined) program = await goClientProgram();
      const instance = owned.use(await arm.start());
      const pod = owned.use(await runPod(instance));
      const servers = [`nc -ll -p ${ECHO_PORT} -e cat`, `nc -ll -p ${ENDLESS_PORT} -e yes`];
      const container = await pod.start({ script: `${servers.join(" & ")} & wait` });
      started = { arm: instance, pod, container };
      await eventually(
        "both ports are listened on",
        () => container.sh("netstat -ltn"),
        (table) => [ECHO_PORT, ENDLESS_PORT].every((port) => table.includes(`:${port} `)),
      );
    }, START_TIMEOUT_MS);

    afterAll(async () => {
      await started?.pod.remove();
      if (started) expect(await leftovers(started.arm)).toEqual([]);
      await owned.disposeAsync();
    }, START_TIMEOUT_MS);

    const subject = () => {
      if (!started) throw new Error("the arm has not started");
      return started;
    };
    describe("Kubernetes' JavaScript client", () => {
      clientTests(jsClient, subject);
    });
    for (const transport of ["spdy", "websocket"] as const) {
      const reason = noGoReason();
      describe.skipIf(reason !== undefined)(
        `Kubernetes' Go client, ${transport}${reason ? ` (${reason})` : ""}`,
        () => {
          clientTests(
            goClient(() => program, transport),
            subject,
          );
        },
      );
    }
  });
}

interface Subject {
  readonly arm: ArmInstance;
  readonly pod: TestPod;
  readonly container: TestContainer;
}

function clientTests(client: InteropClient, subject: () => Subject): void {
  test("exec gives both outputs and the exit code", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { arm, container } = subject();
    const url = await execUrl(arm, container, ["sh", "-c", "echo out; echo err >&2; exit 42"]);
    const { stdout, stderr, exitCode } = await client.exec(url);
    expect(await Promise.all([text(stdout), text(stderr), exitCode])).toEqual(["out\n", "err\n", 42]);
  });

  test("exec passes 100 MiB in and out, and the end of the input", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { arm, container } = subject();
    const url = await execUrl(arm, container, ["cat"], true);
    const input = bulk();
    const { stdout, stderr, exitCode } = await client.exec(url, input.stream);
    const [received, complaint, code] = await Promise.all([digest(stdout), text(stderr), exitCode]);
    expect({ received, complaint, code }).toEqual({ received: input.digest, complaint: "", code: 0 });
  });

  test("attach gives the app input and its answers, and does it no harm", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { arm, pod } = subject();
    const script = 'while read line; do echo "out $line"; echo "err $line" >&2; done';
    const app = await pod.start({ name: "app", script, config: { stdin: true } });
    for (const word of ["first", "second"]) {
      const url = await attachUrl(arm, app);
      const input = new PassThrough();
      const { stdout, stderr, kill } = await client.attach(url, input);
      input.write(`${word}\n`);
      expect([await firstLine(stdout), await firstLine(stderr)]).toEqual([`out ${word}`, `err ${word}`]);
      await kill();
    }
    expect((await app.status()).state).toBe(ContainerState.CONTAINER_RUNNING);
    await app.remove();
  });

  test("port-forward passes 100 MiB in and out", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { arm, pod } = subject();
    const { connection, kill } = await client.forward(await forwardUrl(arm, pod, ECHO_PORT), ECHO_PORT);
    const input = bulk();
    input.stream.pipe(connection, { end: client.halfCloses });
    const received = await digest(connection, client.halfCloses ? Infinity : BULK_BYTES);
    expect(received).toBe(input.digest);
    await kill();
  });

  test("killed in the middle leaves no process, no connection and no descriptor", {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const { arm, pod, container } = subject();
    const execs = () => killedExec(client, arm, container);
    const forwards = () => killedForward(client, arm, pod);
    // the first make what stays, such as connections to LXD
    const [, url] = await Promise.all([execs(), forwards()]);
    const before = await quiet(arm, container, url);
    for (let count = 0; count < KILLS; count++) await Promise.all([execs(), forwards()]);
    const after = await quiet(arm, container, url);
    // lxe itself may have a connection more to LXD; of each client one more would show
    expect(after.descriptors).toBeLessThan(before.descriptors + KILLS);
  });
}

async function execUrl(arm: ArmInstance, { id: containerId }: TestContainer, cmd: string[], stdin = false) {
  return (await arm.cri.exec({ containerId, cmd, stdin, stdout: true, stderr: true })).url;
}

async function attachUrl(arm: ArmInstance, { id: containerId }: TestContainer): Promise<string> {
  return (await arm.cri.attach({ containerId, stdin: true, stdout: true, stderr: true })).url;
}

async function firstLine(from: Readable): Promise<string> {
  for await (const line of createInterface(from)) return line;
  throw new Error("it ended without a line");
}

async function forwardUrl(arm: ArmInstance, { id: podSandboxId }: TestPod, port: number): Promise<string> {
  return (await arm.cri.portForward({ podSandboxId, port: [port] })).url;
}

async function killedExec(client: InteropClient, arm: ArmInstance, container: TestContainer): Promise<void> {
  const url = await execUrl(arm, container, ["sh", "-c", "yes; sleep 1000"]);
  const { stdout, stderr, exitCode, kill } = await client.exec(url);
  exitCode.catch(() => undefined);
  stderr.resume();
  await received(stdout, MID_STREAM_BYTES);
  await kill();
}

async function killedForward(client: InteropClient, arm: ArmInstance, pod: TestPod): Promise<string> {
  const url = await forwardUrl(arm, pod, ENDLESS_PORT);
  const { connection, kill } = await client.forward(url, ENDLESS_PORT);
  await received(connection, MID_STREAM_BYTES);
  await kill();
  return url;
}

/** Resolves when nothing of a stream is there any more, with what else lxe holds. */
async function quiet(arm: ArmInstance, container: TestContainer, url: string): Promise<Holdings> {
  await eventually(
    "no command runs",
    async () => (await container.exec(["ps"])).stdout,
    (processes) => !processes.split("\n").some(isOfCommand),
  );
  await eventually(
    "lxe has no connection and no pipe of a client",
    () => holdingsOfLxe(arm, url),
    ({ connections, pipes }) => connections === 0 && pipes === 0,
  );
  let last = await holdingsOfLxe(arm, url);
  return eventually(
    "lxe opens and closes nothing",
    async () => {
      const previous = last;
      last = await holdingsOfLxe(arm, url);
      return { ...last, stands: previous.descriptors === last.descriptors };
    },
    ({ stands }) => stands,
    { intervalMs: 500 },
  );
}

/** In a list of processes. Not the server, whose arguments have the word, too, nor what has ended and waits for its parent. */
function isOfCommand(line: string): boolean {
  return /\byes\b|sleep 1000/.test(line) && !line.includes("nc -ll") && !line.trimEnd().endsWith("]");
}

function* chunks(): Generator<Buffer> {
  for (let sent = 0; sent < BULK_BYTES; sent += CHUNK.length) yield CHUNK;
}

function bulk(): { stream: Readable; digest: string } {
  const hash = createHash("sha256");
  for (const chunk of chunks()) hash.update(chunk);
  return { stream: Readable.from(chunks(), { objectMode: false }), digest: hash.digest("hex") };
}

/** Of all, or of the first bytes of a stream that does not end. */
async function digest(from: Readable | Duplex, bytesMax = Infinity): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes >= bytesMax) break;
  }
  return hash.digest("hex");
}

async function received(from: Readable | Duplex, bytes: number): Promise<void> {
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    from.on("data", (chunk: Buffer) => {
      count += chunk.length;
      if (count >= bytes) resolve();
    });
    from.once("close", () => reject(new Error(`it ended after ${count} bytes`)));
  });
}
