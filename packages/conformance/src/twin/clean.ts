/** Brings a side's lane back to what every sequence begins with, whatever the one before has done. */
import { setTimeout as delay } from "node:timers/promises";
import type { TwinImage, TwinImages } from "./images.ts";
import { isNetOf, LANES } from "./lane.ts";
import type { Side } from "./side.ts";
import { type Json, type JsonObject, textOf } from "./json.ts";

const BUSY_WITHIN_MS = 40_000;
const BUSY_LOOK_MS = 100;

const DEFAULT_PROFILE: JsonObject = {
  description: "",
  config: {},
  devices: { root: { type: "disk", path: "/", pool: "default" } },
};

/** The lane's project; the default one must be nobody's: sequences change and delete all that is in it. */
export async function prepareLane(side: Side): Promise<void> {
  const { project } = side.lane;
  if (project === "default" && (await isUsed(side)) && !(await hasBeenOurs(side)))
    throw new Error(`the ${side.name} LXD has instances or images: the twin test wants one that it may change`);
  const known = (await side.get("/1.0/projects")) as string[];
  if (known.includes(`/1.0/projects/${project}`)) return;
  const config = { "features.images": "true", "features.profiles": "true", "features.storage.volumes": "true" };
  await side.must("POST", "/1.0/projects", { name: project, config });
}

/** A twin test that was killed leaves its projects, and all else. */
async function hasBeenOurs(side: Side): Promise<boolean> {
  const known = (await side.get("/1.0/projects")) as string[];
  return LANES.some(({ project }) => project !== "default" && known.includes(`/1.0/projects/${project}`));
}

async function isUsed(side: Side): Promise<boolean> {
  return (await list(side, "/1.0/instances")).length > 0 || (await list(side, "/1.0/images")).length > 0;
}

export async function cleanLane(side: Side, images: TwinImages): Promise<void> {
  // first, because an instance without a root disk can hardly be changed; what it says of instances does not matter
  await side.send({ method: "PUT", path: "/1.0/profiles/default", body: DEFAULT_PROFILE });
  await cleanInstances(side);
  await cleanProfiles(side);
  await cleanVolumes(side);
  await cleanNetworks(side);
  await cleanImages(side, images);
  await settle(side);
}

/** Leaves nothing behind, the lane's project included. */
export async function removeLane(side: Side): Promise<void> {
  await cleanInstances(side);
  await cleanProfiles(side);
  await cleanVolumes(side);
  await side.must("PUT", "/1.0/profiles/default", DEFAULT_PROFILE);
  for (const { name } of await networks(side)) await side.must("DELETE", `/1.0/networks/${name}`);
  for (const { fingerprint } of await list(side, "/1.0/images"))
    await side.must("DELETE", `/1.0/images/${fingerprint}`);
  if (side.lane.project !== "default") await side.must("DELETE", `/1.0/projects/${side.lane.project}`);
}

async function list(side: Side, path: string): Promise<Record<string, string>[]> {
  return (await side.get(`${path}?recursion=1`)) as Record<string, string>[];
}

async function cleanInstances(side: Side): Promise<void> {
  for (const { name } of await list(side, "/1.0/instances")) {
    const path = `/1.0/instances/${name}`;
    // ephemeral ones go with their stop; protected ones not at all; without a root disk there is no stop
    const root = { type: "disk", path: "/", pool: "default" };
    const body = { ephemeral: false, config: { "security.protection.delete": "false" }, devices: { root } };
    await side.send({ method: "PATCH", path, body });
    await stopSurely(side, path);
    await deleteSurely(side, path);
  }
}

/** LXD's stop may fail over what the sequence before has done (`STUCK`); the next one does not. */
async function stopSurely(side: Side, path: string): Promise<void> {
  const isStopped = async () => ((await side.get(path)) as Record<string, string>)["status"] === "Stopped";
  const stop = () => side.must("PUT", `${path}/state`, { action: "stop", force: true });
  if (!(await isStopped())) await stop().catch(async () => (await isStopped()) || (await stop()));
}

/** After a failed start LXD's stop hook goes on for a while, and refuses all else meanwhile. */
async function deleteSurely(side: Side, path: string): Promise<void> {
  const until = performance.now() + BUSY_WITHIN_MS;
  for (;;) {
    try {
      await side.must("DELETE", path);
      return;
    } catch (error) {
      if (!String(error).includes("Instance is busy") || performance.now() > until) throw error;
      await delay(BUSY_LOOK_MS);
    }
  }
}

async function cleanProfiles(side: Side): Promise<void> {
  for (const { name = "" } of await list(side, "/1.0/profiles"))
    if (name !== "default") await side.must("DELETE", `/1.0/profiles/${encodeURIComponent(name)}`);
}

async function cleanVolumes(side: Side): Promise<void> {
  const path = "/1.0/storage-pools/default/volumes/custom";
  for (const { name } of await list(side, path)) await side.must("DELETE", `${path}/${name}`);
}

async function networks(side: Side): Promise<Record<string, string>[]> {
  const all = await list(side, "/1.0/networks");
  return all.filter(({ name = "", managed }) => isNetOf(side.lane, name) && Boolean(managed));
}

/** Making a bridge takes LXD long: one that is as it was stays. */
async function cleanNetworks(side: Side): Promise<void> {
  const { net, subnet } = side.lane;
  const config = { "ipv4.address": `${subnet}.1/24`, "ipv4.nat": "false", "ipv6.address": "none" };
  const existing = await networks(side);
  for (const { name } of existing) if (name !== net) await side.must("DELETE", `/1.0/networks/${name}`);
  if (!existing.some(({ name }) => name === net)) await side.must("POST", "/1.0/networks", { name: net, config });
  else await side.must("PUT", `/1.0/networks/${net}`, { description: "", config });
}

async function cleanImages(side: Side, images: TwinImages): Promise<void> {
  const wanted = Object.values(images) as TwinImage[];
  const existing = await list(side, "/1.0/images");
  for (const { fingerprint } of existing)
    if (!wanted.some((image) => image.fingerprint === fingerprint))
      await side.must("DELETE", `/1.0/images/${fingerprint}`);
  for (const image of wanted)
    await restoreImage(
      side,
      image,
      existing.some((one) => one["fingerprint"] === image.fingerprint),
    );
  for (const { name = "" } of await list(side, "/1.0/images/aliases"))
    await side.must("DELETE", `/1.0/images/aliases/${encodeURIComponent(name)}`);
  for (const { alias, fingerprint } of wanted)
    await side.must("POST", "/1.0/images/aliases", { name: alias, target: fingerprint });
}

async function restoreImage(side: Side, image: TwinImage, exists: boolean): Promise<void> {
  if (!exists) await upload(side, image);
  const properties: Json = { twin: image.alias };
  const body = {
    public: false,
    auto_update: false,
    properties,
    profiles: ["default"],
    expires_at: "1970-01-01T00:00:00Z",
  };
  await side.must("PUT", `/1.0/images/${image.fingerprint}`, body);
}

async function upload(side: Side, image: TwinImage): Promise<void> {
  await side.must("POST", "/1.0/images", Uint8Array.from(image.file));
}

/** Events come after the answers: one more is made, and all before the last of it are over when that has come. */
async function settle(side: Side): Promise<void> {
  const path = "/1.0/images/aliases/settled";
  await side.must("POST", "/1.0/images/aliases", { name: "settled", target: "{other}" });
  await side.must("DELETE", path);
  await side.sawEvent(
    ({ metadata }) => metadata["action"] === "image-alias-deleted" && textOf(metadata["source"]).includes(path),
  );
  side.takeEvents();
}
