/**
 * Which steps are usual: right ones, as a client that knows LXD sends them. What these do has long been the same on both LXDs,
 * so they can run with fresh seeds on every change; the wrong values, of which there is no end, are left to longer runs.
 * Whether a usual step fails is another matter: it does when its instance is missing, busy, or runs already.
 */
import { isObject, type Json, type JsonObject, textOf } from "./json.ts";
import type { Step } from "./step.ts";
import { isGoodDevice, isGoodEntry } from "./values.ts";

export function isUsual(step: Step): boolean {
  if (step.do === "exec") return Array.isArray(step.body["command"]) && step.body["command"].length > 0;
  if (step.do === "edit") return !ODD_PATH.test(step.path) && isUsualBody(step.change);
  const { method, path, body, headers } = step;
  if (ODD_PATH.test(path) || isBridgeMade(method, path)) return false;
  if (path.includes("/files?")) return !Object.values(headers ?? {}).some((value) => ODD_HEADERS.has(value));
  return body === undefined || (isObject(body) && isUsualBody(body));
}

const ODD_PATH = /missing|bogus|nonsense|zzz|0{16}|path=$|path=tmp|\/instances\/$|\?filter=/;
const ODD_HEADERS = new Set(["bogus", "rwx"]);

/** Takes LXD seconds. */
function isBridgeMade(method: string, path: string): boolean {
  return path.startsWith("/1.0/networks") && method !== "GET" && method !== "PATCH";
}

const NAMES = new Set(["a", "b", "p", "q", "x", "x/y", "snap", "other", "renamed", "vol"]);
const ACTIONS = new Set(["start", "stop", "restart", "freeze", "unfreeze"]);
const MEMBERS = new Set(
  "name source description config devices profiles ephemeral action force timeout properties public target restore".split(
    " ",
  ),
);

function isUsualBody(body: JsonObject): boolean {
  return Object.entries(body).every(([member, value]) => MEMBERS.has(member) && isUsualMember(member, value));
}

function isUsualMember(member: string, value: Json): boolean {
  switch (member) {
    case "name":
      return NAMES.has(textOf(value));
    case "source":
      return isObject(value) && ["busybox", "a"].includes(textOf(value["alias"] ?? value["source"]));
    case "config":
      return isObject(value) && Object.entries(value).every(([key, text]) => isGoodEntry(key, text));
    case "devices":
      return isObject(value) && Object.entries(value).every(([name, device]) => isGoodDevice(name, device));
    case "profiles":
      return Array.isArray(value) && value.includes("default") && !value.includes("missing");
    case "properties":
      return isObject(value);
    case "target":
    case "restore":
      return value !== "missing";
    case "action":
      return ACTIONS.has(textOf(value));
    default:
      return true;
  }
}
