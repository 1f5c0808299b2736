import { appendFile, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LOG_LIMITS } from "../limits.ts";
import { createSilentLogger } from "../platform/logger.ts";
import { createManualClock } from "../platform/manual-clock.ts";
import { createSystemHostFiles } from "../platform/system-host-files.ts";
import type { Break, BreakableHostFiles } from "../platform/testing/breakable-host-files.ts";
import { breakableHostFiles } from "../platform/testing/breakable-host-files.ts";
import { temporaryDirectory } from "../platform/testing/temporary-directory.ts";
import { outputOf, parseRecords } from "./log-line.ts";
import { LogTransfer } from "./log-transfer.ts";
import type { StreamName } from "./stream.ts";
import { STREAMS } from "./stream.ts";

/** Small, so that short inputs are split, read in pieces, punched and checkpointed. */
const LIMITS = { ...LOG_LIMITS, lineBytesMax: 8, readBytesMax: 40, punchBytes: 8192, checkpointBytes: 300 };

/** `plan`: what breaks while the step runs. */
type Step =
  | { readonly kind: "write"; readonly stream: StreamName; readonly bytes: Uint8Array }
  | { readonly kind: "move"; readonly flush: boolean; readonly plan: Break | undefined }
  | { readonly kind: "rotate"; readonly renameBack: boolean; readonly plan: Break | undefined }
  | { readonly kind: "restart" };

const outputBytes = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.nat(255) }, fc.constantFrom(0x0a, 0x0d, 0x00)), {
    minLength: 1,
    maxLength: 60,
    size: "max",
  })
  .map((bytes) => Uint8Array.from(bytes));
const plan = fc.option(
  fc.record<Break>({
    afterChanges: fc.nat(3),
    kind: fc.constantFrom("kill", "disk-full", "short-write"),
    done: fc.nat(100).map((percent) => percent / 100),
  }),
  { nil: undefined },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      stream: fc.constantFrom(...STREAMS),
      bytes: outputBytes,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("move" as const), flush: fc.boolean(), plan }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rotate" as const), renameBack: fc.boolean(), plan }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

/** An app that writes, a kubelet that rotates, and an lxe that is killed and started again. */
class World {
  readonly #root: string;
  readonly #logPath: string;
  readonly #written: Record<StreamName, Uint8Array[]> = { stdout: [], stderr: [] };
  readonly #rotated: string[] = [];
  #rotations = 0;
  #files: BreakableHostFiles | undefined;
  #transfer: LogTransfer | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#logPath = join(root, "pod", "0.log");
  }

  async run(next: Step): Promise<void> {
    if (next.kind === "write") await this.#write(next.stream, next.bytes);
    else if (next.kind === "move")
      await this.#unlessBroken(next.plan, (transfer) => transfer.move(STREAMS, next.flush));
    else if (next.kind === "rotate") await this.#rotate(next.plan, next.renameBack);
    else await this.stop();
  }

  async stop(): Promise<void> {
    await this.#transfer?.close();
    this.#transfer = undefined;
  }

  async finish(): Promise<void> {
    await this.stop();
    const transfer = await this.#start();
    while ((await transfer.move(STREAMS, true)).length > 0);
    await this.stop();
  }

  written(stream: StreamName): Buffer {
    return Buffer.concat(this.#written[stream]);
  }

  async logs(): Promise<Buffer> {
    const paths = [...this.#rotated, this.#logPath];
    return Buffer.concat(await Promise.all(paths.map((path) => readFile(path).catch(() => Buffer.alloc(0)))));
  }

  async #write(stream: StreamName, bytes: Uint8Array): Promise<void> {
    await appendFile(join(this.#root, stream), bytes);
    this.#written[stream].push(bytes);
  }

  async #start(): Promise<LogTransfer> {
    this.#files = breakableHostFiles(createSystemHostFiles());
    this.#transfer = new LogTransfer({
      directory: this.#root,
      statePath: join(this.#root, "state", "offsets"),
      logPath: this.#logPath,
      clock: createManualClock(),
      files: this.#files,
      log: createSilentLogger(),
      limits: LIMITS,
    });
    await this.#transfer.open();
    return this.#transfer;
  }

  /** True when the action succeeded. A killed lxe is started again by the next action. */
  async #unlessBroken(
    planned: Break | undefined,
    action: (transfer: LogTransfer) => Promise<unknown>,
  ): Promise<boolean> {
    const transfer = this.#transfer ?? (await this.#start());
    this.#files?.plan(planned);
    try {
      await action(transfer);
      return true;
    } catch {
      return false;
    } finally {
      this.#files?.plan(undefined);
      if (this.#files?.killed === true) await this.stop();
    }
  }

  /** As the kubelet does it; `renameBack`: it lives to see that the log was not reopened. */
  async #rotate(planned: Break | undefined, renameBack: boolean): Promise<void> {
    const rotated = `${this.#logPath}.${this.#rotations}`;
    this.#rotations += 1;
    const renamed = await rename(this.#logPath, rotated).then(
      () => true,
      () => false,
    );
    if (renamed) this.#rotated.push(rotated);
    if (await this.#unlessBroken(planned, (transfer) => transfer.reopen())) {
      await stat(this.#logPath);
    } else if (renamed && renameBack) {
      await rename(rotated, this.#logPath);
      this.#rotated.pop();
    }
  }
}

test("the log holds the output exactly, however the app writes, the kubelet rotates, lxe dies and disks fill up", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      await using directory = await temporaryDirectory();
      const world = new World(directory.path);
      for (const next of steps) await world.run(next);
      await world.finish();
      const log = await world.logs();
      const { records, parsedBytes } = parseRecords(log);
      expect(parsedBytes).toBe(log.length);
      for (const stream of STREAMS) {
        expect(outputOf(records, stream).toString("latin1")).toBe(world.written(stream).toString("latin1"));
      }
      expect(log.filter((byte) => byte === 0x0a)).toHaveLength(records.length);
    }),
    { numRuns: 150 },
  );
}, 120_000);
