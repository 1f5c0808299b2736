import { type Instance, LxdError } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../platform/manual-clock.ts";
import { createProbes, type ProbeLxd } from "./probe.ts";

const FINGERPRINT = "0123456789abcdef";
const NAME = "lxe-probe-0123456789ab";
const notFound = (): LxdError => new LxdError("not-found", "Instance not found");
const unavailable = (): LxdError => new LxdError("unavailable", "LXD is gone");

/** An LXD that fails at some of it; `createIsLost`: what it was asked for comes about when the test says so. */
function fixture(options: { deletesFail?: number; createIsLost?: boolean } = {}) {
  const made = new Map<string, Record<string, string>>();
  let deletesFail = options.deletesFail ?? 0;
  const clock = createManualClock();
  const late: (() => void)[] = [];
  const instances = {
    list: async () => [...made.keys()],
    get: async (name: string) => {
      const config = made.get(name);
      if (config === undefined) throw notFound();
      return { value: { name, config } as Instance, etag: "" };
    },
    create: async ({ name, config }: { name: string; config: Record<string, string> }) => {
      if (options.createIsLost) {
        late.push(() => made.set(name, config));
        throw unavailable();
      }
      made.set(name, config);
    },
    delete: async (name: string) => {
      if (deletesFail-- > 0) throw unavailable();
      if (!made.delete(name)) throw notFound();
    },
  };
  const probes = createProbes({ instances } as unknown as ProbeLxd, clock);
  const wait = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const fail = (deletes: number): void => void (deletesFail = deletes);
  return { probes, made, wait, retry: () => wait(5000), fail, late, clock };
}

describe("an instance for reading an image", () => {
  it("is there while it is read, and gone after that", async () => {
    const { probes, made, clock } = fixture();
    expect(await probes.use(FINGERPRINT, "default", async (name) => made.has(name))).toBe(true);
    expect([...made.keys()]).toEqual([]);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it("that LXD does not delete does not spoil what was read, and is deleted as soon as LXD does", async () => {
    const { probes, made, retry, clock } = fixture({ deletesFail: 2 });
    expect(await probes.use(FINGERPRINT, "default", async () => "users")).toBe("users");
    expect([...made.keys()]).toEqual([NAME]);
    await retry();
    expect([...made.keys()]).toEqual([NAME]);
    await retry();
    expect([...made.keys()]).toEqual([]);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it.each([0, 10 * 60_000])("that comes about after its creation failed is deleted, too (after %i ms)", async (ms) => {
    const { probes, made, wait, retry, late } = fixture({ createIsLost: true });
    await expect(probes.use(FINGERPRINT, "default", async () => "users")).rejects.toThrow("gone");
    await wait(ms);
    for (const come of late) come();
    expect([...made.keys()]).toEqual([NAME]);
    await (ms === 0 ? retry() : wait(5 * 60_000));
    expect([...made.keys()]).toEqual([]);
  });

  it("that an earlier lxe has left is deleted, and one that LXD makes for it later", async () => {
    const { probes, made, wait, retry, clock } = fixture({ deletesFail: 1 });
    const left = (): unknown => made.set(NAME, { "user.lxe.probe": "true" });
    left();
    probes.tidyUp();
    await wait(0);
    expect([...made.keys()]).toEqual([NAME]);
    await retry();
    expect([...made.keys()]).toEqual([]);
    await wait(10 * 60_000);
    left();
    await wait(5 * 60_000);
    expect([...made.keys()]).toEqual([]);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  it("that an earlier lxe has left is deleted later, too, if LXD does not answer then", async () => {
    const { probes, made, wait, retry, fail } = fixture();
    probes.tidyUp();
    await wait(0);
    made.set(NAME, { "user.lxe.probe": "true" });
    fail(1);
    await wait(15 * 60_000);
    expect([...made.keys()]).toEqual([NAME]);
    await retry();
    expect([...made.keys()]).toEqual([]);
  });
});
