/**
 * The one place where answers of the two LXDs are made comparable. Replaced is only what differs by nature:
 *
 *   what                                              becomes
 *   UUIDs (operations, volatile.uuid)                 <uuid>
 *   ETags, in headers and in 412's text               etag#N: equal ETags of one side get the same N, by first appearance
 *   times, unless zero (year 1) or the epoch          <time>
 *   the id map that the host's /etc/subuid gives      <host-ids>, in volatile.*idmap*
 *   hardware addresses                                <hwaddr>
 *   ids of bridges, made of them                      8000.<hwaddr>
 *   names of host interfaces (veth, mac)              <veth>
 *   secrets of websockets                             <secret>
 *   LXD_DIR, the side's host directory and port       {lxd} {dir} {port}
 *   the last number of an address that dnsmasq chose  10.x.y.<n>: sequences themselves only choose numbers below 100
 *   pids that are not 0                               <pid>
 *   usage: cpu, memory, disk, network counters        <n> where it is a number above 0, 0 too: they flicker
 *   link-local IPv6 addresses and host routes         left out: the kernel gives them when it likes
 *   which conflict of two nics is told, if there are    <conflict of nics>: LXD looks at them in the order of a Go map, that
 *   several                                           is, in another one each time
 *   LXD's temporary file of a changed configuration   lxd_config_<n>
 *   progress of an unpacking (operation metadata)     left out: as many updates as time allows
 *   used_by of networks                               sorted: LXD gives another order at each request
 *   the end of an operation in the answer that tells
 *   of its start (perform.ts)                         Running
 *   logs and /proc text                               not compared, only that they are there
 *
 * Nothing else: no error text, no status, no order of a list.
 */
import { type Json, type JsonObject, textOf } from "./json.ts";

/** What belongs to one side alone, by the placeholder that stands for it. */
export type Placeholders = Readonly<Record<string, string>>;

const ETAG_TEXT = /(ETag doesn't match: )([0-9a-f]{64})( vs )([0-9a-f]*)/g;
const UUID = /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/g;
/** Ten million ids or so are the whole range; isolated instances have parts of it. */
const HOST_IDS = /"Hostid":\d+,"Nsid":0,"Maprange":\d{8,}/g;
const TIME =
  /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)|\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g;
const FIXED_TIME = /^(?:0001|1970)-01-01T00:00:00Z$/;
const HWADDR = /\b00:16:3e(?::[0-9a-f]{2}){3}\b/g;
const BRIDGE_ID = /\b8000\.00163e[0-9a-f]{6}\b/g;
const VETH = /\b(?:veth|mac)[0-9a-f]{8}\b/g;
const GIVEN_ADDRESS = /\b(10\.\d+\.\d+\.)[1-9]\d\d\b/g;
const CONFIG_FILE = /lxd_config_\d+/g;
const NIC_CONFLICT =
  /Instance DNS name \\*"[^"]*" already used on network|(?:MAC|IP) address \\*"[^"]*" already defined on another NIC/g;
/** The fd secrets in an exec's metadata. */
const SECRETS = new Set(["0", "1", "2", "control"]);

export class Normaliser {
  readonly #placeholders: readonly [placeholder: string, text: string][];
  readonly #etags = new Map<string, string>();

  /** Longer texts are replaced first. */
  constructor(placeholders: Placeholders) {
    this.#placeholders = Object.entries(placeholders).toSorted(([, a], [, b]) => b.length - a.length);
  }

  etag(etag: string): string {
    const bare = etag.replaceAll('"', "");
    const known = this.#etags.get(bare) ?? `etag#${this.#etags.size}`;
    this.#etags.set(bare, known);
    return known;
  }

  text(text: string): string {
    return this.#withPlaceholders(
      text
        .replaceAll(ETAG_TEXT, (_all, head: string, now: string, between: string, given: string) =>
          [head, this.etag(now), between, this.etag(given)].join(""),
        )
        .replaceAll(CONFIG_FILE, "lxd_config_<n>")
        .replaceAll(NIC_CONFLICT, "<conflict of nics>")
        .replaceAll(HOST_IDS, "<host-ids>")
        .replaceAll(UUID, "<uuid>")
        .replaceAll(TIME, (time) => (FIXED_TIME.test(time) ? time : "<time>"))
        .replaceAll(HWADDR, "<hwaddr>")
        .replaceAll(BRIDGE_ID, "8000.<hwaddr>")
        .replaceAll(VETH, "<veth>")
        .replaceAll(GIVEN_ADDRESS, "$1<n>"),
    );
  }

  #withPlaceholders(text: string): string {
    return this.#placeholders.reduce((result, [name, own]) => result.replaceAll(own, `{${name}}`), text);
  }

  value(value: Json, key = ""): Json {
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number") return key === "pid" && value > 0 ? "<pid>" : value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return this.#items(value);
    return this.#object(value, key);
  }

  #items(items: readonly Json[]): Json[] {
    return items.filter((item) => !isLinkLocal(item)).map((item) => this.value(item));
  }

  #object(object: JsonObject, key: string): Json {
    if (key === "counters" || key === "cpu" || key === "memory" || key === "usage") return usage(object);
    const isNetwork = "managed" in object;
    const members = Object.entries(object)
      .filter(([name]) => !name.endsWith("_unpack_progress") && name !== "progress")
      .map(([name, member]): [string, Json] => [
        this.text(name),
        this.#member(key, name, isNetwork ? unordered(name, member) : member),
      ]);
    return Object.fromEntries(members);
  }

  #member(parent: string, name: string, member: Json): Json {
    if (parent === "fds" && SECRETS.has(name)) return "<secret>";
    return this.value(member, name);
  }
}

function isLinkLocal(item: Json): boolean {
  return typeof item === "object" && item !== null && !Array.isArray(item) && item["scope"] === "link";
}

function unordered(name: string, member: Json): Json {
  return name === "used_by" && Array.isArray(member) ? member.map(textOf).toSorted() : member;
}

/** Which numbers there are is compared, how large they are is not. */
function usage(object: JsonObject): JsonObject {
  const members = Object.entries(object);
  return Object.fromEntries(members.map(([name, value]) => [name, typeof value === "number" ? "<n>" : value]));
}
