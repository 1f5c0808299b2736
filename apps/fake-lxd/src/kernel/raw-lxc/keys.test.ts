import { describe, expect, it } from "vitest";
import { baseLines } from "./base.ts";
import { loadLines } from "./load.ts";

const input = {
  name: "c1",
  project: "default",
  directory: "/lxd",
  logDirectory: "/lxd/logs/c1",
  pool: "default",
  pid: 1,
  idMap: { base: 100_000, size: 65_536 },
  mounts: [],
  rootReadonly: false,
  nics: [],
  hostMemoryBytes: 1024,
};
const unprivileged = baseLines({ ...input, config: {} });
const privileged = baseLines({ ...input, config: { "security.privileged": "true" } });

/** Seen on liblxc 5.0.2. */
const accepted = [
  "uts.name=no business of liblxc",
  "lxc.uts.name = foo",
  "lxc.idmap=u 0 100000 10",
  "lxc.net.0.ipv4.address=10.1.1.1",
  "lxc.net.0.ipv4.gateway=auto",
  "lxc.log.level=info",
  "lxc.log.level=3",
  "lxc.init.uid=x",
  "lxc.signal.halt=SIGRTMIN+3",
  "lxc.signal.halt=999",
  "lxc.mount.entry=weird",
  "lxc.mount.auto=proc:rw sys:rw",
  "lxc.mount.auto=",
  "lxc.cap.drop=sys_time",
  "lxc.cap.keep=chown kill",
  "lxc.cap.keep=none",
  "lxc.namespace.share.net=n1",
  "lxc.cgroup.dir.container.inner=a",
  "lxc.cgroup2.memory.max=1",
  "lxc.hook.stop=",
  "lxc.no_new_privs=1",
  "lxc.proc.oom_score_adj=500",
  "lxc.environment=A=b=c",
  "lxc.console.path=none",
];
const refused = [
  "lxc.weird=1",
  "lxc.include=/nope/nothing",
  "lxc.net.0.ipv4.address=weird",
  "lxc.net.0.ipv4.address=",
  "lxc.net.a.ipv4.address=10.1.1.1/24",
  "lxc.log.level=weird",
  "lxc.signal.halt=TERM",
  "lxc.mount.auto=weird",
  "lxc.cap.drop=CAP_SYS_TIME",
  "lxc.cap.drop=all",
  "lxc.cap.drop=sys_time\nlxc.cap.keep=chown",
  "lxc.namespace.share.weird=n1",
  "lxc.cgroup.dir=/a",
  "lxc.cgroup.dir=../a",
  "lxc.cgroup.=1",
  "lxc.hook.weird=x",
  "lxc.no_new_privs=2",
  "lxc.environment=A",
  "lxc.arch=weird",
  "lxc.autodev=x",
];

describe("raw.lxc as liblxc loads it", () => {
  it.each(accepted)("loads %s", (line) => expect(loadLines(unprivileged, line)).not.toBeNull());
  it.each(refused)("refuses %s", (line) => expect(loadLines(unprivileged, line)).toBeNull());

  it("refuses cap.keep in a privileged container until cap.drop is cleared", () => {
    expect(loadLines(privileged, "lxc.cap.keep = chown")).toBeNull();
    expect(loadLines(privileged, "lxc.cap.drop =\nlxc.cap.keep = chown")).not.toBeNull();
  });
});
