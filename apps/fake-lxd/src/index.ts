/** An LXD daemon made of state machines: the REST API of LXD 5.0.2 on a unix socket, in this process. */
export type { FakeLxd, FakeLxdOptions, MemoryLxdOptions } from "./options.ts";
export type { Timing } from "./limits.ts";
export type { Clock, Host, HostHandle, HostStat, Random } from "./platform/types.ts";
export type { Rule, RuleAction, RuleMatch, Rules } from "./rules/types.ts";
export { busyboxImage } from "./busybox-image.ts";
export { MemoryLxd, startFakeLxd } from "./fake.ts";
export type { EventsPeer, MemoryLink, MemoryReply, MemoryRequest } from "./fabric/memory.ts";
