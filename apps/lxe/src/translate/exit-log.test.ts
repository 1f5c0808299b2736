import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readExitLog } from "./exit-log.ts";

/** Lines of real logs: LXC 5.0.2, and 6.0 where a line differs. */
const STARTED = [
  'lxc web-app-b72 20261122215814.880 INFO     conf - ../src/lxc/conf.c:run_script_argv:341 - Executing script "/usr/share/lxcfs/lxc.mount.hook" for container "web-app-b72"',
  'lxc web-app-b72 20261122215814.908 NOTICE   start - ../src/lxc/start.c:start:2194 - Exec\'ing "/.lxe/init"',
  'lxc web-app-b72 20261122215814.908 NOTICE   start - ../src/lxc/start.c:post_start:2205 - Started "/.lxe/init" with pid "17390"',
  "lxc web-app-b72 20261122215814.908 NOTICE   start - ../src/lxc/start.c:signal_handler:446 - Received 17 from pid 17389 instead of container init 17390",
];
const ATTACHED = [
  "lxc web-app-b72 20261122215815.100 INFO     attach - ../src/lxc/attach.c:get_attach_context:415 - Container does not run in a separate core scheduling domain",
  'lxc web-app-b72 20261122215815.101 ERROR    confile - ../src/lxc/confile.c:get_config_unsupported_key:170 - Invalid argument - Unsupported config key "lxc.seccomp"',
];
const HOOKS = [
  "lxc 20261122215820.911 ERROR    af_unix - ../src/lxc/af_unix.c:lxc_abstract_unix_recv_fds_iov:218 - Connection reset by peer - Failed to receive response",
  'lxc web-app-b72 20261122215820.911 INFO     conf - ../src/lxc/conf.c:run_script_argv:341 - Executing script "/usr/share/lxcfs/lxc.reboot.hook" for container "web-app-b72"',
  'lxc web-app-b72 20261122215821.417 INFO     conf - ../src/lxc/conf.c:run_script_argv:341 - Executing script "/usr/bin/lxd callhook /var/lib/lxd "default" "web-app-b72" stop" for container "web-app-b72"',
];
const child = (end: string): string =>
  `lxc web-app-b72 20261122215820.910 INFO     error - ../src/lxc/error.c:lxc_error_set_and_log:31 - Child <17390> ended on ${end}`;
const FAILED = [
  'lxc web-app-b72 20261122214709.498 ERROR    start - ../src/lxc/start.c:do_start:1272 - Failed to setup container "web-app-b72"',
  'lxc web-app-b72 20261122214709.499 ERROR    start - ../src/lxc/start.c:__lxc_start:2107 - Failed to spawn container "web-app-b72"',
];
const ENDED_AT = BigInt(Date.UTC(2026, 10, 22, 21, 58, 20, 910)) * 1_000_000n;
const nanoseconds = (hour: number, minute: number, second: number): bigint =>
  BigInt(Date.UTC(2026, 10, 29, hour, minute, second)) * 1_000_000n;

const read = (...parts: (string | string[])[]) => readExitLog(parts.flat().join("\n"));

describe("LXC's log", () => {
  it.each([
    { end: "error (4)", code: 4, signal: undefined },
    { end: "error (255)", code: 255, signal: undefined },
    { end: "signal Killed(9)", code: 137, signal: 9 },
    { end: "signal Terminated(15)", code: 143, signal: 15 },
    { end: "signal Interrupt(2)", code: 130, signal: 2 },
    { end: "signal Real-time signal 3(37)", code: 165, signal: 37 },
  ])("tells exit code $code for $end", ({ end, code, signal }) => {
    expect(read(STARTED, ATTACHED, child(end), HOOKS)).toEqual({ code, signal, finishedAt: ENDED_AT });
  });

  it("tells it before the hooks are through", () => {
    expect(read(STARTED, child("error (4)"))?.code).toBe(4);
  });

  it("tells exit code 0, at the time of the first hook, when the app ended without a word", () => {
    const finishedAt = ENDED_AT + 1_000_000n;
    expect(read(STARTED, ATTACHED, HOOKS)).toEqual({ code: 0, signal: undefined, finishedAt });
  });

  it.each([
    { what: "it is empty", log: [] },
    { what: "the start failed", log: FAILED },
    { what: "the node lost power", log: STARTED },
    { what: "the node lost power after commands were run", log: [...STARTED, ...ATTACHED] },
    { what: "it was cut in the middle of a line", log: [...STARTED, child("error (4)").slice(0, -20)] },
  ])("tells nothing when $what", ({ log }) => {
    expect(read(log)).toBeUndefined();
  });

  it("is read in LXC's older form, without places in its source", () => {
    const line = "lxc web 20261122215820.910 INFO     error - Child <1> ended on error (3)";
    expect(read(STARTED, line)?.code).toBe(3);
  });

  it("of LXC 6.0.4 has an end within the 4th millisecond, whose zeros are left out, later in the same second", () => {
    const line =
      "lxc probe 20261129184943.396 INFO     error - ../src/lxc/error.c:lxc_error_set_and_log:31 - Child <4711> ended on error (9)";
    expect(read(STARTED, line)).toMatchObject({ code: 9, finishedAt: nanoseconds(18, 49, 43) + 396_000_000n });
  });

  const lateness = (ns: number): number => {
    // as LXC does it
    const stamp = `20261129215820.${String(ns).slice(0, 3)}`;
    const told = read(STARTED, `lxc web ${stamp} INFO     error - x.c:x:1 - Child <1> ended on error (3)`);
    return Number((told?.finishedAt ?? 0n) - nanoseconds(21, 58, 20)) - ns;
  };

  it("tells a time to the millisecond after a second's first tenth", () => {
    const fraction = fc.integer({ min: 100_000_000, max: 999_999_999 });
    const property = fc.property(fraction, (ns) => lateness(ns) <= 0 && lateness(ns) > -1_000_000);
    expect(fc.check(property)).toMatchObject({ counterexample: null });
  });

  it("tells a later time of the same second for one in its first tenth", () => {
    const fraction = fc.integer({ min: 100, max: 99_999_999 });
    const property = fc.property(fraction, (ns) => lateness(ns) > 0 && ns + lateness(ns) < 1_000_000_000);
    expect(fc.check(property)).toMatchObject({ counterexample: null });
  });

  it("tells the time also where LXC wrote less than three digits", () => {
    expect([0, 7, 99].map(lateness)).toEqual([0, 0, 0]);
  });

  it("takes no words of a container's own for an exit", () => {
    const line =
      'lxc web 20261122215820.910 INFO     seccomp - ../src/lxc/seccomp.c:x:1 - Processing "Started "a" with pid"';
    expect(read(line, HOOKS)).toBeUndefined();
  });

  it("can be read whatever it holds", () => {
    const line = fc.oneof(fc.constantFrom(...STARTED, ...HOOKS, child("error (4)")), fc.string());
    fc.assert(fc.property(fc.array(line), (lines) => void readExitLog(lines.join("\n"))));
    expect(readExitLog("lxc x 20269999999999.999 INFO     error - Child <1> ended on error (3)")).toBeUndefined();
  });
});
