import { ContainerConfig, ContainerState, LinuxContainerResources, PodSandboxConfig, PodSandboxState } from "@lxe/cri";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ContainerRecord,
  type Exit,
  type InstanceRecord,
  resourcesOf,
  type SandboxRecord,
} from "../model/records.ts";
import { containerRecord, sandboxRecord } from "../model/testing/records.ts";
import { awaitsExit, containerKeys, exitKeys, readInstance, resourcesKeys, sandboxKeys } from "./codec.ts";
import { KEYS } from "./config-keys.ts";
import { ERROR, lxdInstance, NEVER, RUNNING, STARTED_AT, STARTED_NS, STOPPED } from "./testing/instances.ts";

const { CONTAINER_CREATED, CONTAINER_RUNNING, CONTAINER_EXITED, CONTAINER_UNKNOWN } = ContainerState;
const { SANDBOX_READY, SANDBOX_NOTREADY } = PodSandboxState;
const STARTED_ERROR = { ...ERROR, last_used_at: STARTED_AT };
const EXIT: Exit = { code: 7, reason: "Error", message: "m", finishedAt: STARTED_NS + 5n };

const container = (changes: object, exit?: Exit) =>
  lxdInstance({
    name: containerRecord().instance,
    config: { ...containerKeys(containerRecord()), ...(exit && exitKeys(containerRecord(), exit)) },
    ...changes,
  });
const sandbox = (changes: object) => lxdInstance({ config: { ...sandboxKeys(sandboxRecord()) }, ...changes });

const text = fc.string({ unit: "binary" });
const map = fc.dictionary(text, text);
const ids = fc.record({ id: text, instance: text, createdAt: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }) });

describe("what is kept in LXD", () => {
  it("gives back every sandbox", () => {
    const userns = fc.constantFrom(
      { kind: "host" } as const,
      { kind: "default" } as const,
      { kind: "mapped", hostId: 65536, length: 65536 } as const,
    );
    const record = fc.record({ ids, labels: map, hostname: text, handler: text, addresses: fc.array(text), userns });
    fc.assert(
      fc.property(record, ({ ids: identity, labels, hostname, handler, addresses, userns: choice }) => {
        const config = PodSandboxConfig.fromPartial({
          labels,
          hostname,
          annotations: labels,
          linux: { sysctls: labels },
        });
        const kept: SandboxRecord = {
          ...sandboxRecord(),
          ...identity,
          config,
          runtimeHandler: handler,
          addresses,
          userns: choice,
        };
        const instance = lxdInstance({ name: identity.instance, config: { ...sandboxKeys(kept) }, ...RUNNING });
        expect(readInstance(instance)).toEqual(kept);
      }),
    );
  });

  it("gives back every container, whatever bytes its environment has", () => {
    const record = fc.record({
      ids,
      labels: map,
      value: fc.uint8Array(),
      env: fc.array(text),
      shares: fc.bigInt(0n, 2n ** 62n),
    });
    fc.assert(
      fc.property(record, ({ ids: identity, labels, value, env, shares }) => {
        const config = ContainerConfig.fromPartial({
          labels,
          envs: [{ key: "A", value: Buffer.from(value) }],
          linux: { resources: { cpuShares: shares }, securityContext: { runAsUser: { value: 0n } } },
        });
        const kept: ContainerRecord = {
          ...containerRecord(),
          ...identity,
          config,
          facts: { ...containerRecord().facts, env },
        };
        const { description } = kept;
        const instance = lxdInstance({ name: identity.instance, description, config: { ...containerKeys(kept) } });
        const read = readInstance(instance) as ContainerRecord;
        expect(ContainerConfig.encode(read.config).finish()).toEqual(ContainerConfig.encode(config).finish());
        expect({ ...read, config }).toEqual(kept);
      }),
    );
  });

  it("tells the resources that a container was given last, as the same object for as long as they are the same", () => {
    const record = containerRecord();
    const kept = (cpuShares: bigint): Record<string, string> => ({
      ...containerKeys(record),
      ...resourcesKeys(LinuxContainerResources.fromPartial({ cpuShares }), "1"),
    });
    const read = (config: Record<string, string>, previous?: InstanceRecord): ContainerRecord =>
      readInstance(lxdInstance({ name: record.instance, config }), previous) as ContainerRecord;
    const first = read(kept(2n));
    expect(first.config).toEqual(record.config);
    expect(resourcesOf(first)?.cpuShares).toBe(2n);
    expect(read(kept(2n), first).resized).toBe(first.resized);
    expect(resourcesOf(read(kept(3n), first))?.cpuShares).toBe(3n);
    expect(read({ ...containerKeys(record) }, first)).not.toHaveProperty("resized");
  });

  it("is text, as LXD wants it", () => {
    for (const value of Object.values({
      ...sandboxKeys(sandboxRecord()),
      ...containerKeys(containerRecord()),
      ...exitKeys(containerRecord(), EXIT),
    }))
      expect(typeof value).toBe("string");
  });

  it.each([{}, { [KEYS.schema]: "2", [KEYS.kind]: "sandbox" }, { [KEYS.kind]: "sandbox" }])(
    "is none of lxe's: %o",
    (config) => {
      expect(readInstance(lxdInstance({ config }))).toBeUndefined();
    },
  );

  it.each([
    { what: "a config that is no JSON", config: { ...sandboxKeys(sandboxRecord()), [KEYS.config]: "{" } },
    { what: "a time that is none", config: { ...sandboxKeys(sandboxRecord()), [KEYS.createdAt]: "soon" } },
    { what: "no facts", config: { ...containerKeys(containerRecord()), [KEYS.facts]: "" } },
    { what: "an exit that is no JSON", config: { ...containerKeys(containerRecord()), [KEYS.exit]: "x" } },
  ])("is refused, not guessed at, when someone edited it: $what", ({ config }) => {
    expect(() => readInstance(lxdInstance({ config }))).toThrow(/JSON|BigInt/);
  });
});

describe("the state of a container", () => {
  it.each<{ what: string; instance: object; exit?: Exit; previous?: ContainerRecord; state: ContainerState }>([
    { what: "never started", instance: STOPPED, state: CONTAINER_CREATED },
    { what: "running", instance: { ...RUNNING, last_used_at: STARTED_AT }, state: CONTAINER_RUNNING },
    { what: "frozen", instance: { status_code: 110, last_used_at: STARTED_AT }, state: CONTAINER_RUNNING },
    {
      what: "stopped, and nobody looked why",
      instance: { ...STOPPED, last_used_at: STARTED_AT },
      state: CONTAINER_RUNNING,
    },
    {
      what: "stopped, with its exit",
      instance: { ...STOPPED, last_used_at: STARTED_AT },
      exit: EXIT,
      state: CONTAINER_EXITED,
    },
    { what: "not started, because that failed", instance: STOPPED, exit: EXIT, state: CONTAINER_EXITED },
    { what: "unclear, with its exit", instance: ERROR, exit: EXIT, state: CONTAINER_EXITED },
    { what: "unclear, and not known before", instance: ERROR, state: CONTAINER_UNKNOWN },
    {
      what: "unclear, created before",
      instance: ERROR,
      previous: containerRecord({ state: CONTAINER_CREATED }),
      state: CONTAINER_CREATED,
    },
    {
      what: "unclear, started since it was created",
      instance: STARTED_ERROR,
      previous: containerRecord({ state: CONTAINER_CREATED }),
      state: CONTAINER_RUNNING,
    },
    {
      what: "unclear, running before",
      instance: ERROR,
      previous: containerRecord({ state: CONTAINER_RUNNING }),
      state: CONTAINER_RUNNING,
    },
    {
      what: "unclear, another by that name before",
      instance: ERROR,
      previous: containerRecord({ id: "other", state: CONTAINER_RUNNING }),
      state: CONTAINER_UNKNOWN,
    },
  ])("is $state when LXD says: $what", ({ instance, exit, previous, state }) => {
    const record = readInstance(container(instance, exit), previous);
    expect(record).toMatchObject({
      kind: "container",
      state,
      uncertain: "status_code" in instance && instance.status_code === 112,
    });
  });

  it("keeps an exit that is in the index and not in LXD yet", () => {
    const previous = containerRecord({ exit: EXIT, state: CONTAINER_EXITED });
    const record = readInstance(container({ ...STOPPED, last_used_at: STARTED_AT }), previous);
    expect(record).toMatchObject({ state: CONTAINER_EXITED, exit: EXIT });
  });

  it("is not ended by the exit of an earlier container of its name, whose patch LXD was slow with", () => {
    const late = exitKeys({ id: "earlier" }, EXIT);
    const changed = (changes: object) =>
      lxdInstance({ config: { ...containerKeys(containerRecord()), ...late }, ...changes });
    expect(readInstance(changed(STOPPED))).toMatchObject({ state: CONTAINER_CREATED, startedAt: 0n });
    const ended = changed({ ...STOPPED, last_used_at: STARTED_AT });
    expect(awaitsExit(ended, containerRecord({ startedAt: STARTED_NS }))).toBe(true);
  });

  it("has its exit from a version of lxe that did not write whose it is", () => {
    const { container: _, ...old } = JSON.parse(exitKeys(containerRecord(), EXIT)[KEYS.exit] ?? "") as Record<
      string,
      unknown
    >;
    const config = { ...containerKeys(containerRecord()), [KEYS.exit]: JSON.stringify(old) };
    expect(readInstance(lxdInstance({ config, ...STOPPED }))).toMatchObject({ state: CONTAINER_EXITED, exit: EXIT });
  });

  it("has the time of the start to the nanosecond, and that of the failure where it never started", () => {
    expect(readInstance(container({ ...RUNNING, last_used_at: STARTED_AT }))).toMatchObject({ startedAt: STARTED_NS });
    expect(readInstance(container(STOPPED, EXIT))).toMatchObject({ startedAt: EXIT.finishedAt });
    expect(readInstance(container(STOPPED))).toMatchObject({ startedAt: 0n });
  });

  it.each([
    {
      last_used_at: "2026-11-22T22:58:14.5+01:00",
      expected: BigInt(Date.UTC(2026, 10, 22, 21, 58, 14, 500)) * 1_000_000n,
    },
    { last_used_at: "0001-01-01T00:00:00Z", expected: 0n },
    { last_used_at: NEVER, expected: 0n },
    { last_used_at: "", expected: 0n },
  ])("was started at $expected for $last_used_at", ({ last_used_at, expected }) => {
    expect(readInstance(container({ ...RUNNING, last_used_at }))).toMatchObject({ startedAt: expected });
  });

  it.each([
    { what: "stopped", changes: { ...STOPPED, last_used_at: STARTED_AT }, exit: undefined, awaits: true },
    { what: "stopped, with its exit", changes: { ...STOPPED, last_used_at: STARTED_AT }, exit: EXIT, awaits: false },
    { what: "never started", changes: STOPPED, exit: undefined, awaits: false },
    { what: "running", changes: { ...RUNNING, last_used_at: STARTED_AT }, exit: undefined, awaits: false },
    { what: "unclear", changes: { ...ERROR, last_used_at: STARTED_AT }, exit: undefined, awaits: false },
  ])("awaits its exit when it is $what: $awaits", ({ changes, exit, awaits }) => {
    const instance = container(changes, exit);
    const record = readInstance(instance);
    expect(record && awaitsExit(instance, record)).toBe(awaits);
  });
});

describe("the state of a sandbox", () => {
  it.each([
    { what: "running", changes: { ...RUNNING, last_used_at: STARTED_AT }, state: SANDBOX_READY, starting: false },
    { what: "stopped", changes: { ...STOPPED, last_used_at: STARTED_AT }, state: SANDBOX_NOTREADY, starting: false },
    { what: "never started", changes: STOPPED, state: SANDBOX_NOTREADY, starting: true },
    { what: "unclear", changes: STARTED_ERROR, state: SANDBOX_READY, starting: false },
    { what: "unclear, never started", changes: ERROR, state: SANDBOX_READY, starting: true },
  ])("is $state, starting: $starting, when it is $what", ({ changes, state, starting }) => {
    expect(readInstance(sandbox(changes))).toMatchObject({ state, starting });
  });

  it("stays what it was while LXD cannot tell", () => {
    const previous = sandboxRecord({ state: SANDBOX_NOTREADY });
    expect(readInstance(sandbox(STARTED_ERROR), previous)).toMatchObject({ state: SANDBOX_NOTREADY, uncertain: true });
  });

  it.each([
    { power: "STOPPED", state: SANDBOX_NOTREADY },
    { power: "RUNNING", state: SANDBOX_READY },
  ])("is $state while LXD cannot tell, where nobody knows it and LXD noted last: $power", ({ power, state }) => {
    const config = { ...sandboxKeys(sandboxRecord()), "volatile.last_state.power": power };
    expect(readInstance(sandbox({ ...STARTED_ERROR, config }))).toMatchObject({ state, uncertain: true });
  });

  it("is ready when it was started and LXD cannot tell more", () => {
    const previous = sandboxRecord({ state: SANDBOX_NOTREADY, starting: true });
    expect(readInstance(sandbox(STARTED_ERROR), previous)).toMatchObject({ state: SANDBOX_READY, starting: false });
  });
});
