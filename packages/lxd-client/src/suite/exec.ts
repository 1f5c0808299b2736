import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startInstance } from "./instance.ts";
import type { SuiteTarget } from "./target.ts";

/**
 * A shell line that lingers: LXD 5.0 now and then loses all output of a command that is over before LXD begins to read it (its own
 * client sees that too), which is not what these tests are about.
 */
const sh = (script: string) => ["/bin/sh", "-c", `(${script}); code=$?; sleep 0.1; exit $code`];

export function execSuite(target: SuiteTarget): void {
  describe("exec", () => {
    test("gives stdout, stderr and the exit code apart", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const result = await client.instances.execCapture(instance.name, {
        command: sh("echo out; echo err >&2; exit 7"),
      });
      expect(result).toMatchObject({ code: 7, truncated: false });
      expect(result.stdout.toString()).toBe("out\n");
      expect(result.stderr.toString()).toBe("err\n");
    });

    test("passes environment and working directory", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { stdout } = await client.instances.execCapture(instance.name, {
        command: sh('echo "$COLOUR"; pwd'),
        environment: { COLOUR: "deep blue" },
        cwd: "/tmp",
      });
      expect(stdout.toString()).toBe("deep blue\n/tmp\n");
    });

    test("runs as the user and group that were asked for", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const { stdout } = await client.instances.execCapture(instance.name, {
        command: sh("id -u; id -g"),
        user: 1000,
        group: 2000,
      });
      expect(stdout.toString()).toBe("1000\n2000\n");
    });

    test("gives stdin to the command, then end of file", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const input = Buffer.alloc(3_000_000, "abcdefghij");
      const result = await client.instances.execCapture(instance.name, { command: ["cat"], stdin: input });
      expect(result.code).toBe(0);
      expect(result.stdout.equals(input)).toBe(true);
    });

    test("loses no byte of a large output with a slow reader", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      await using session = await client.instances.exec(instance.name, {
        command: sh("i=0; while [ $i -lt 60 ]; do head -c 100000 /dev/zero | tr '\\0' x; i=$((i+1)); done"),
      });
      session.stdin.end();
      let bytes = 0;
      const hash = createHash("sha256");
      for await (const chunk of session.stdout as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        hash.update(chunk);
        // Hands the loop back between chunks, so that the buffers behind it fill up.
        await new Promise(setImmediate);
      }
      expect(bytes).toBe(6_000_000);
      expect(hash.digest("hex")).toBe(createHash("sha256").update("x".repeat(6_000_000)).digest("hex"));
      expect(await session.exit).toEqual({ code: 0 });
    });

    test("keeps at most maxBytes and says so", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const result = await client.instances.execCapture(instance.name, {
        command: sh("head -c 1000000 /dev/zero"),
        maxBytes: 1000,
      });
      expect(result).toMatchObject({ code: 0, truncated: true });
      expect(result.stdout).toHaveLength(1000);
    });

    test("reports a command that is missing or not executable with its code and a reason", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const missing = await client.instances.execCapture(instance.name, { command: ["no-such-command"] });
      expect(missing).toMatchObject({ code: 127, error: expect.stringContaining("not found") });
      const data = await client.instances.execCapture(instance.name, { command: ["/etc/passwd"] });
      expect(data).toMatchObject({ code: 126, error: expect.stringContaining("not executable") });
    });

    test("sends signals to the command: the code is 128 plus the signal", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      await using session = await client.instances.exec(instance.name, { command: ["sleep", "1000"] });
      await session.signal(15);
      expect(await session.exit).toEqual({ code: 143 });
      await expect(session.signal(15)).rejects.toMatchObject({ code: "not-running" });
    });

    test("streams while the command runs", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      await using session = await client.instances.exec(instance.name, {
        command: sh('while read line; do echo "got $line"; done'),
      });
      const output = session.stdout[Symbol.asyncIterator]();
      session.stdin.write("one\n");
      expect(String((await output.next()).value)).toBe("got one\n");
      session.stdin.write("two\n");
      expect(String((await output.next()).value)).toBe("got two\n");
      session.stdin.end();
      expect((await output.next()).done).toBe(true);
      expect(await session.exit).toEqual({ code: 0 });
    });

    test("gives a terminal that ends by itself, output in one stream", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      await using session = await client.instances.exec(instance.name, {
        command: sh("test -t 0 && test -t 1 && test -t 2 && echo terminal; read line; echo last $line; exit 3"),
        interactive: true,
        width: 100,
        height: 30,
      });
      session.stdin.write("word\n");
      const output = await text(session.stdout);
      expect(output).toContain("terminal\r\n");
      expect(output).toMatch(/last word\r\n$/);
      expect(await text(session.stderr)).toBe("");
      expect(await session.exit).toEqual({ code: 3 });
    });

    test("an aborted capture rejects with 'timeout' and the command is gone", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const signal = AbortSignal.timeout(300);
      const running = client.instances.execCapture(instance.name, { command: ["sleep", "98765"] }, { signal });
      await expect(running).rejects.toMatchObject({ code: "timeout" });
      await expect
        .poll(async () => (await client.instances.execCapture(instance.name, { command: sh("ps") })).stdout.toString())
        .not.toContain("98765");
    });

    test("many at once all give their own output", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      const results = await Promise.all(
        numbers.map((number) =>
          client.instances.execCapture(instance.name, { command: sh(`echo ${number}; exit ${number}`) }),
        ),
      );
      expect(results.map(({ code }) => code)).toEqual(numbers);
      expect(results.map(({ stdout }) => Number(stdout))).toEqual(numbers);
    });
  });

  describe("console", () => {
    test("shows what is written to /dev/console, and keeps it", async () => {
      await using client = target.client();
      await using instance = await startInstance(target, client);
      expect(await client.instances.consoleLog(instance.name)).toHaveLength(0);
      await using session = await client.instances.console(instance.name);
      const seen = readUntil(session.stdout, "to-console");
      // LXD connects the console a moment after the websockets: until then nothing is shown, so it is said again.
      const script = "until [ -e /tmp/seen ]; do echo to-console >/dev/console; sleep 0.1; done";
      await using writer = await client.instances.exec(instance.name, { command: sh(script) });
      expect(await seen).toContain("to-console");
      // LXD 5.0 dies ("concurrent write to websocket connection") when a console is closed while something is shown on it
      await client.instances.execCapture(instance.name, { command: ["touch", "/tmp/seen"] });
      expect(await writer.exit).toEqual({ code: 0 });
      await client.instances.execCapture(instance.name, { command: ["true"] });
      await session.close();
      await session.closed;
      expect((await client.instances.consoleLog(instance.name)).toString()).toContain("to-console\r\n");
    });
  });
}

async function readUntil(stream: AsyncIterable<Buffer>, wanted: string): Promise<string> {
  let seen = "";
  for await (const chunk of stream) {
    seen += chunk.toString();
    if (seen.includes(wanted)) break;
  }
  return seen;
}
