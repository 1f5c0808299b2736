/** Sequences of steps: a scene, in which something stands already, and up to a dozen steps after it. */
import fc from "fast-check";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { IfMatch, Method, RequestStep, Step } from "./step.ts";
import { isUsual } from "./usual.ts";
import * as values from "./values.ts";

const STEPS_MAX = 12;

type Steps = fc.Arbitrary<Step>;

function request(method: Method, path: string, body?: Json, ifMatch?: IfMatch): RequestStep {
  return {
    do: "request",
    method,
    path,
    ...(body !== undefined && { body }),
    ...(ifMatch !== undefined && { ifMatch }),
  };
}

const get = (path: string) => request("GET", path);

const instance = (name: string) => `/1.0/instances/${name}`;
const profile = (name: string) => `/1.0/profiles/${encodeURIComponent(name)}`;
const image = (id: string) => `/1.0/images/${id}`;
const alias = (name: string) => `/1.0/images/aliases/${encodeURIComponent(name)}`;

// Instances

function create(name: string, more: JsonObject = {}): RequestStep {
  const source = { type: "image", alias: "busybox" };
  const config = { "raw.lxc": values.SLEEPER };
  return request("POST", "/1.0/instances", { name, source, config, ...more });
}

const source: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ type: "image", alias: "busybox" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(
      { type: "image", fingerprint: "{image}" },
      { type: "image", fingerprint: "zzzz" },
      { type: "image", alias: "missing" },
      { type: "image", properties: { os: "nothing" } },
      { type: "image", alias: "other" },
      { type: "image" },
      { type: "bogus" },
      {},
      { type: "migration", mode: "push" },
    ),
  },
  { weight: 2, arbitrary: fc.constant({ type: "none" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(
      { type: "copy", source: "a" },
      { type: "copy", source: "a", instance_only: true },
      { type: "copy", source: "a/snap" },
      { type: "copy", source: "missing" },
      { type: "copy" },
    ),
  },
);

const isMigration = (value: Json) => isObject(value) && value["type"] === "migration";

const profiles = fc.constantFrom<string[][]>(
  ["default"],
  ["default", "p"],
  ["p"],
  ["default", "q", "p"],
  [],
  ["p", "p"],
  ["missing"],
);

const creation: Steps = fc
  .record({
    name: values.newInstanceName,
    source,
    profiles: fc.option(profiles, { freq: 2, nil: undefined }),
    config: values.newConfig,
    devices: values.devices,
    description: fc.constantFrom("", "text"),
    ephemeral: fc.option(fc.boolean(), { freq: 6, nil: undefined }),
    more: fc.option(
      fc.constantFrom<JsonObject[]>(
        { type: "container" },
        { type: "bogus" },
        { architecture: "x86_64" },
        { architecture: "bogus" },
        { architecture: "aarch64" },
        { instance_type: "c1-m1" },
        { instance_type: "x" },
        { stateful: true },
        { start: true },
      ),
      { freq: 6, nil: undefined },
    ),
  })
  .map(({ name, source, profiles, config, devices, description, ephemeral, more }) =>
    request("POST", "/1.0/instances", {
      name,
      source,
      description,
      config,
      devices,
      ...(profiles !== undefined && { profiles }),
      ...(ephemeral !== undefined && { ephemeral }),
      // fake-lxd does not do migrations: with an architecture they begin
      ...(!isMigration(source) && more),
    }),
  );

const instanceChange: fc.Arbitrary<JsonObject> = fc.oneof(
  values
    .changed(values.config, ["raw.lxc", "user.x", "limits.cpu", "volatile.uuid", "volatile.idmap.base"])
    .map((config): JsonObject => ({ config })),
  values.changed(values.devices, ["eth0", "d", "root", "proxy"]).map((devices): JsonObject => ({ devices })),
  // always with a root disk: without one LXD can neither stop an instance nor delete it
  fc
    .constantFrom<string[][]>(["default"], ["default", "p"], ["q", "default"])
    .map((profiles): JsonObject => ({ profiles })),
  fc.constantFrom<JsonObject[]>(
    { description: "changed" },
    { ephemeral: true },
    { ephemeral: false },
    { architecture: "i686" },
    { architecture: "bogus" },
    { restore: "snap" },
    { restore: "missing" },
    { config: {}, devices: {} },
    { stateful: true },
  ),
);

const action: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ action: "start" }) },
  { weight: 4, arbitrary: fc.constant({ action: "stop", force: true }) },
  { weight: 2, arbitrary: fc.constant({ action: "stop", timeout: 3 }) },
  { weight: 2, arbitrary: fc.constant({ action: "restart", force: true }) },
  { weight: 1, arbitrary: fc.constant({ action: "restart", timeout: 3 }) },
  { weight: 2, arbitrary: fc.constant({ action: "freeze" }) },
  { weight: 2, arbitrary: fc.constant({ action: "unfreeze" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JsonObject[]>(
      { action: "bogus" },
      {},
      { action: "freeze", force: true },
      { action: "start", stateful: true },
      { action: "stop", stateful: true, force: true },
      { action: "START" },
    ),
  },
);

const command = fc.constantFrom<JsonObject[]>(
  { command: ["true"] },
  { command: ["false"] },
  { command: ["echo", "hello"] },
  { command: ["sh", "-c", "echo out; echo err >&2; exit 7"] },
  { command: ["sh", "-c", "kill -9 $$"] },
  { command: ["sh", "-c", "echo $HOME $USER $LANG $PATH $FOO"] },
  { command: ["id"] },
  { command: ["id"], user: 1234, group: 1234 },
  { command: ["pwd"] },
  { command: ["pwd"], cwd: "/tmp" },
  { command: ["pwd"], cwd: "/nowhere" },
  { command: ["sh", "-c", "env | sort"], environment: { FOO: "request", A: "b c" } },
  { command: ["missing-command"] },
  { command: ["/etc/passwd"] },
  { command: ["hostname"] },
  { command: ["cat", "/etc/file"] },
  { command: ["sh", "-c", "ls /mnt; cat /mnt/inner"] },
  { command: ["cat", "/tmp/f"] },
  { command: ["ls", "-a", "/"] },
  { command: [] },
  {},
);

const path = fc.constantFrom(
  "/tmp/f",
  "/tmp/f",
  "/etc/passwd",
  "/tmp",
  "/tmp/missing",
  "/tmp/d",
  "/tmp/d/x",
  "tmp/f",
  "",
);

const fileHeaders = fc.constantFrom<Record<string, string>[]>(
  {},
  { "x-lxd-mode": "0600", "x-lxd-uid": "1234", "x-lxd-gid": "0" },
  { "x-lxd-write": "append" },
  { "x-lxd-write": "bogus" },
  { "x-lxd-type": "directory" },
  { "x-lxd-type": "directory", "x-lxd-mode": "0700" },
  { "x-lxd-type": "symlink" },
  { "x-lxd-type": "bogus" },
  { "x-lxd-mode": "rwx" },
);

const snapshotName = fc.constantFrom("snap", "snap", "other", "missing");
const snapshot: Steps = fc.tuple(values.instanceName, snapshotName).chain(([name, snap]) => {
  const all = `${instance(name)}/snapshots`;
  const one = `${all}/${snap}`;
  return fc.constantFrom<Step[]>(
    request("POST", all, { name: snap }),
    request("POST", all, { name: snap }),
    request("POST", all, { name: snap, expires_at: "2040-01-02T03:04:05Z" }),
    request("POST", all, { name: "a/b" }),
    request("POST", all, {}),
    get(all),
    get(`${all}?recursion=1`),
    get(one),
    request("POST", one, { name: "renamed" }),
    request("POST", one, { name: "snap" }),
    request("PUT", one, { expires_at: "2041-01-02T03:04:05Z" }),
    request("PATCH", one, { expires_at: "2042-01-02T03:04:05Z" }),
    request("DELETE", one),
    request("PUT", instance(name), { restore: snap }),
  );
});

const instanceRead: Steps = values.instanceName.chain((name) =>
  fc.constantFrom<Step[]>(
    get(instance(name)),
    get(`${instance(name)}?recursion=1`),
    get(`${instance(name)}/state`),
    get(`${instance(name)}/state`),
    get(`${instance(name)}/logs`),
    get(`${instance(name)}/logs/lxc.log`),
    get(`${instance(name)}/logs/lxc.conf`),
    get(`${instance(name)}/logs/bogus`),
    get(`${instance(name)}/logs/exec_x.stdout`),
    request("DELETE", `${instance(name)}/logs/lxc.log`),
    get(`${instance(name)}/backups`),
    get(`${instance(name)}/metadata`),
    get(`${instance(name)}/bogus`),
    request("PUT", `${instance(name)}/exec`, {}),
  ),
);

const listRead: Steps = fc.constantFrom<Step[]>(
  get("/1.0/instances"),
  get("/1.0/instances?recursion=1"),
  get("/1.0/instances?recursion=2"),
  get("/1.0/containers"),
  get("/1.0/virtual-machines?recursion=1"),
  get("/1.0/instances?filter=name%20eq%20a&recursion=1"),
  get("/1.0/instances?filter=status%20eq%20running&recursion=1"),
  get("/1.0/instances?filter=config.user.x%20eq%201&recursion=1"),
  get("/1.0/instances?filter=nonsense"),
  get("/1.0/profiles?recursion=1"),
  get("/1.0/images?recursion=1"),
  get("/1.0/images"),
  get("/1.0/images/aliases?recursion=1"),
  get("/1.0/images/aliases"),
  get("/1.0/networks/{net}"),
  get("/1.0/networks/{net}/leases"),
  get("/1.0/storage-pools/default/volumes"),
  get("/1.0/storage-pools/default/volumes/custom?recursion=1"),
  get("/1.0/storage-pools/default/volumes/container/a"),
  get("/1.0/operations/00000000-0000-4000-8000-000000000000"),
  get("/1.0/operations/00000000-0000-4000-8000-000000000000/wait"),
  request("DELETE", "/1.0/operations/00000000-0000-4000-8000-000000000000"),
  get("/1.0/bogus"),
  get("/1.0/instances/"),
  request("PATCH", "/1.0/instances", {}),
);

const conditional = <T>(values_: fc.Arbitrary<T>, build: (value: T, name: string, ifMatch?: IfMatch) => Step): Steps =>
  fc.tuple(values_, values.instanceName, values.ifMatch).map(([value, name, ifMatch]) => build(value, name, ifMatch));

const rename: Steps = fc
  .tuple(values.instanceName, values.newInstanceName)
  .map(([name, next]) => request("POST", instance(name), { name: next }));

const instanceSteps: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 5, arbitrary: creation },
  { weight: 4, arbitrary: fc.constantFrom("a", "b").map((name) => create(name)) },
  {
    weight: 14,
    arbitrary: fc
      .tuple(values.instanceName, action)
      .map(([name, body]) => request("PUT", `${instance(name)}/state`, body)),
  },
  {
    weight: 6,
    arbitrary: conditional(instanceChange, (change, name, ifMatch) =>
      request("PATCH", instance(name), change, ifMatch),
    ),
  },
  {
    weight: 6,
    arbitrary: conditional(instanceChange, (change, name, ifMatch) => ({
      do: "edit",
      path: instance(name),
      change,
      ...(ifMatch && { ifMatch }),
    })),
  },
  { weight: 1, arbitrary: conditional(instanceChange, (change, name) => request("PUT", instance(name), change)) },
  { weight: 4, arbitrary: values.instanceName.map((name) => request("DELETE", instance(name))) },
  { weight: 3, arbitrary: rename },
  {
    weight: 6,
    arbitrary: fc.tuple(values.instanceName, command).map(
      ([name, body]): Step => ({
        do: "exec",
        instance: name,
        body: { ...body, "record-output": true },
      }),
    ),
  },
  { weight: 6, arbitrary: instanceRead },
  { weight: 4, arbitrary: snapshot },
  {
    weight: 2,
    arbitrary: fc.tuple(values.instanceName, path).map(([name, path]) => get(`${instance(name)}/files?path=${path}`)),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(values.instanceName, path, fileHeaders).map(
      ([name, path, headers]): Step => ({
        ...request("POST", `${instance(name)}/files?path=${path}`, "content\n"),
        headers: { "content-type": "application/octet-stream", ...headers },
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(values.instanceName, path)
      .map(([name, path]) => request("DELETE", `${instance(name)}/files?path=${path}`)),
  },
];

// Profiles

const profileBody: fc.Arbitrary<JsonObject> = fc
  .record({ config: values.config, devices: values.devices, description: fc.constantFrom("", "text") })
  .map((body): JsonObject => body);

const profileSteps: readonly fc.WeightedArbitrary<Step>[] = [
  {
    weight: 4,
    arbitrary: fc
      .tuple(values.newProfileName, profileBody)
      .map(([name, body]) => request("POST", "/1.0/profiles", { name, ...body })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom<Method[]>("PUT", "PATCH"), values.profileName, profileBody, values.ifMatch)
      .map(([method, name, body, ifMatch]) => request(method, profile(name), body, ifMatch)),
  },
  { weight: 1, arbitrary: values.profileName.map((name) => get(profile(name))) },
  { weight: 1, arbitrary: values.profileName.map((name) => request("DELETE", profile(name))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(values.profileName, values.newProfileName)
      .map(([name, next]) => request("POST", profile(name), { name: next })),
  },
];

// Images and their aliases

const imageChange = fc.constantFrom<JsonObject[]>(
  { properties: { os: "changed" } },
  { properties: { os: "" } },
  { properties: {} },
  { public: true },
  { public: false },
  { auto_update: true },
  { expires_at: "2040-01-02T03:04:05Z" },
  { profiles: ["default"] },
  { profiles: ["missing"] },
  { properties: 5 },
);

const aliasBody = fc.constantFrom<JsonObject[]>(
  { target: "{other}" },
  { target: "{image}", description: "text" },
  { target: "missing" },
  { description: "only" },
  {},
);

const imageSteps: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 1, arbitrary: values.imageId.map((id) => get(image(id))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom<Method[]>("PUT", "PATCH"), values.imageId, imageChange, values.ifMatch)
      .map(([method, id, body, ifMatch]) => request(method, image(id), body, ifMatch)),
  },
  { weight: 1, arbitrary: fc.constantFrom("{other}", "missing").map((id) => request("DELETE", image(id))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(values.aliasName, aliasBody)
      .map(([name, body]) => request("POST", "/1.0/images/aliases", { name, ...body })),
  },
  { weight: 1, arbitrary: values.aliasName.map((name) => get(alias(name))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(values.aliasName, aliasBody, values.ifMatch)
      // no PATCH: LXD 5.0 blocks its own database for ten seconds, and then tells "context deadline exceeded"
      .map(([name, body, ifMatch]) => request("PUT", alias(name), body, ifMatch)),
  },
  { weight: 1, arbitrary: values.aliasName.map((name) => request("DELETE", alias(name))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(values.aliasName, values.aliasName)
      .map(([name, next]) => request("POST", alias(name), { name: next })),
  },
];

// Networks, which cost LXD most, and volumes

const NO_ADDRESSES = { "ipv4.address": "none", "ipv6.address": "none" };
// `{net}` itself stays: without it devices are wrong that were right before, and which of two LXD complains of is chance
const networkStep: Steps = fc.constantFrom<Step[]>(
  get("/1.0/networks/{net}/state"),
  get("/1.0/networks/{net}x"),
  get("/1.0/networks/missing"),
  get("/1.0/networks/missing/leases"),
  request("POST", "/1.0/networks", { name: "{net}", config: NO_ADDRESSES }),
  request("POST", "/1.0/networks", { name: "waytoolongforaninterface", config: NO_ADDRESSES }),
  request("POST", "/1.0/networks", { name: "{net}x", config: { ...NO_ADDRESSES, bogus: "1" } }),
  request("POST", "/1.0/networks", { name: "{net}x", config: NO_ADDRESSES }),
  request("POST", "/1.0/networks", { name: "{net}x", type: "bogus", config: NO_ADDRESSES }),
  request("PATCH", "/1.0/networks/{net}", { config: { "user.x": "1" } }),
  request("PATCH", "/1.0/networks/{net}", { config: { "ipv4.nat": "perhaps" } }),
  request("PATCH", "/1.0/networks/{net}", { description: "text" }),
  request("PUT", "/1.0/networks/missing", { config: {} }),
  request("DELETE", "/1.0/networks/{net}x"),
  request("DELETE", "/1.0/networks/missing"),
);

const volumes = "/1.0/storage-pools/default/volumes";
const volumeStep: Steps = fc.constantFrom<Step[]>(
  request("POST", `${volumes}/custom`, { name: "vol", config: {} }),
  request("POST", `${volumes}/custom`, { name: "vol", config: {} }),
  request("POST", `${volumes}/custom`, { name: "vol", config: { bogus: "1" } }),
  request("POST", `${volumes}/custom`, { name: "" }),
  get(`${volumes}/custom/vol`),
  request("PATCH", `${volumes}/custom/vol`, { config: { "user.x": "1" } }),
  request("PATCH", `${volumes}/custom/vol`, { description: "text" }),
  request("DELETE", `${volumes}/custom/vol`),
  request("DELETE", `${volumes}/custom/missing`),
);

/** JSON that is not what is expected, for whatever takes some. */
const strange: Steps = fc
  .tuple(
    fc.constantFrom<(readonly [Method, string])[]>(
      ["POST", "/1.0/instances"],
      ["PUT", "/1.0/instances/a"],
      ["PATCH", "/1.0/instances/a"],
      ["POST", "/1.0/instances/a"],
      ["PUT", "/1.0/instances/a/state"],
      ["POST", "/1.0/instances/a/exec"],
      ["POST", "/1.0/profiles"],
      ["PUT", "/1.0/profiles/default"],
      ["PATCH", "/1.0/profiles/default"],
      ["POST", "/1.0/images/aliases"],
      ["PATCH", "/1.0/images/{other}"],
    ),
    values.strangeBody,
  )
  .map(([[method, path], body]) => request(method, path, body));

const step: Steps = fc.oneof(
  ...instanceSteps,
  ...profileSteps,
  ...imageSteps,
  { weight: 2, arbitrary: listRead },
  { weight: 2, arbitrary: networkStep },
  { weight: 2, arbitrary: volumeStep },
  { weight: 3, arbitrary: strange },
);

const start = (name: string) => request("PUT", `${instance(name)}/state`, { action: "start" });

/** The simplest is the first: shrinking goes there. */
const SCENES: readonly (readonly Step[])[] = [
  [],
  [create("a")],
  [create("a"), start("a")],
  [create("a", { devices: { eth0: { type: "nic", network: "{net}" } } }), start("a")],
  [
    request("POST", "/1.0/profiles", { name: "p", config: { "user.x": "profile", "limits.memory": "128MiB" } }),
    create("a", { profiles: ["default", "p"] }),
    start("a"),
  ],
  [create("a"), create("b"), start("a")],
];

/** `usual`: only steps that a client would send; `all`: wrong ones, too. */
export type Kind = "usual" | "all";

export const sequencesOf: Readonly<Record<Kind, fc.Arbitrary<Step[]>>> = {
  usual: sequencesFrom(step.filter(isUsual)),
  all: sequencesFrom(step),
};

function sequencesFrom(steps: Steps): fc.Arbitrary<Step[]> {
  return fc.noBias(
    fc
      .tuple(fc.constantFrom(...SCENES), fc.array(steps, { minLength: 1, maxLength: STEPS_MAX, size: "max" }))
      .map(([scene, more]) => [...scene, ...more]),
  );
}
