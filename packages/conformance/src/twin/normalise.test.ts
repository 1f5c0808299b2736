import { describe, expect, test } from "vitest";
import { Normaliser } from "./normalise.ts";

const normaliser = () => new Normaliser({ lxd: "/tmp/x", dir: "/tmp/x-files" });

describe("the normaliser", () => {
  test.each([
    ["at 2026-01-02T03:04:05.678Z", "at <time>"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
    ["/1.0/operations/4fcf50c8-7c92-4e13-83a3-ae6434787e3d", "/1.0/operations/<uuid>"],
    ["exec_4fcf50c8-7c92-4e13-83a3-ae6434787e3d.stdout", "exec_<uuid>.stdout"],
    ["00:16:3e:01:02:03", "<hwaddr>"],
    ["10.171.1.207", "10.171.1.<n>"],
    ["10.171.1.20", "10.171.1.20"],
    ["open /tmp/x/logs: no", "open {lxd}/logs: no"],
    ["/tmp/x-files/sub", "{dir}/sub"],
    ["Instance not found", "Instance not found"],
  ])("makes %j to %j", (text, expected) => expect(normaliser().text(text)).toBe(expected));

  test("gives equal ETags one name, whether quoted or told in an error", () => {
    const one = normaliser();
    const [a, b] = ["a".repeat(64), "b".repeat(64)];
    expect([one.etag(`"${a}"`), one.etag(b), one.etag(a)]).toEqual(["etag#0", "etag#1", "etag#0"]);
    expect(one.text(`ETag doesn't match: ${a} vs ${b}`)).toBe("ETag doesn't match: etag#0 vs etag#1");
  });

  test("hides pids and how much is used, and not whether there is a process", () => {
    const state = { pid: 5, processes: 1, memory: { usage: 7 }, network: { lo: { counters: { bytes_sent: 1 } } } };
    expect(normaliser().value(state)).toEqual({
      pid: "<pid>",
      processes: 1,
      memory: { usage: "<n>" },
      network: { lo: { counters: { bytes_sent: "<n>" } } },
    });
    expect(normaliser().value({ pid: 0 })).toEqual({ pid: 0 });
  });
});
