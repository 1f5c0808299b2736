import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { namesCgroup, wasOomKilled } from "./oom.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const kill = (limit: string, task: string): string =>
  `6,1234,5678,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=${limit},task_memcg=${task},task=app,pid=7,uid=0`;

describe("a line of the kernel's log", () => {
  it.each([
    { what: "the container at its own limit", line: kill("/lxc.payload.web", "/lxc.payload.web"), tells: true },
    { what: "a cgroup inside it", line: kill("/lxc.payload.web/x", "/lxc.payload.web/x"), tells: true },
    { what: "the container at its pod's limit", line: kill("/pods/p", "/lxc.payload.web"), tells: true },
    {
      what: "a node in a container",
      line: kill("/docker/7/lxc.payload.web", "/docker/7/lxc.payload.web/x"),
      tells: true,
    },
    { what: "one whose name begins the same", line: kill("/lxc.payload.web2", "/lxc.payload.web2"), tells: false },
    { what: "another of the pod", line: kill("/pods/p", "/pods/p/other"), tells: false },
    { what: "something else", line: "6,1,2,-;eth0: link up lxc.payload.web", tells: false },
  ])("tells of an OOM kill: $tells, for $what", ({ line, tells }) => {
    expect(namesCgroup(line, "/lxc.payload.web")).toBe(tells);
  });
});

describe("an OOM kill", () => {
  it("is found among many lines, in a cgroup named with or without a slash", async () => {
    await using directory = await temporaryDirectory();
    const log = join(directory.path, "kmsg");
    const noise = Array.from({ length: 2000 }, (_, number) => `6,${number},0,-;noise`);
    await writeFile(log, [...noise, kill("/a/web", "/a/web"), ...noise, ""].join("\n"));
    expect(await wasOomKilled(log, "a/web")).toBe(true);
    expect(await wasOomKilled(log, "/a/web")).toBe(true);
    expect(await wasOomKilled(log, "a/other")).toBe(false);
  });

  it("is none where the log cannot be read", async () => {
    await using directory = await temporaryDirectory();
    expect(await wasOomKilled(join(directory.path, "nothing"), "a")).toBe(false);
  });
});
