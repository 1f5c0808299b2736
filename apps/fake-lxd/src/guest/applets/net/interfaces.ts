/** ip ifconfig route brctl udhcpc */
import { has } from "../../core/capabilities.ts";
import { type Address, type Interface, ipv4Number, parseAddress } from "../../net/namespace.ts";
import { O_CREAT, O_TRUNC, O_WRONLY } from "../../core/open-file.ts";
import { writeFile, writeFd } from "../../sys/io.ts";
import { type Applet, type AppletIo, Failure, UsageError } from "../lib/applet.ts";
import { parseOptions } from "../lib/options.ts";

function interfaces(io: AppletIo): Interface[] {
  return io.process.namespaces.net.interfaces;
}

function requireAdmin(io: AppletIo, what: string): void {
  if (!has(io.process.capabilities, "net_admin")) throw new Failure(`${what}: Operation not permitted`);
}

function named(io: AppletIo, name: string | undefined): Interface {
  const found = interfaces(io).find((one) => one.name === name);
  if (!found) throw new Failure(`can't find device '${name ?? ""}'`);
  return found;
}

function flags(one: Interface): string {
  const list = one.type === "loopback" ? ["LOOPBACK"] : ["BROADCAST", "MULTICAST"];
  return [...list, ...(one.up ? ["UP", "LOWER_UP"] : [])].join(",");
}

export const ip: Applet = async (io, args) => {
  const family = args.includes("-6") ? "inet6" : args.includes("-4") ? "inet" : undefined;
  const brief = args.includes("-br") || args.includes("-brief");
  const words = args.filter((arg) => !/^-(4|6|o|br|brief|oneline)$/.test(arg));
  if (words[0]?.startsWith("-")) throw new UsageError(`invalid option '${words[0]}'`);
  const [object = "", action = "show", ...rest] = words;
  if ("address".startsWith(object) && object.startsWith("a")) return addresses(io, action, rest, { family, brief });
  if ("link".startsWith(object) && object.startsWith("l")) return links(io, action, rest);
  if ("route".startsWith(object) && object.startsWith("r")) return routes(io, action, rest);
  throw new UsageError("usage: ip [OPTIONS] address|route|link [ARGS]");
};

async function addresses(
  io: AppletIo,
  action: string,
  rest: string[],
  { family, brief }: { family: string | undefined; brief: boolean },
): Promise<number> {
  if (action === "add" || action === "del") {
    requireAdmin(io, "RTNETLINK answers");
    const one = named(io, rest[rest.indexOf("dev") + 1]);
    const address = parseAddress(rest[0] ?? "");
    if (action === "add") one.addresses.push(address);
    else one.addresses = one.addresses.filter((other) => other.address !== address.address);
    return 0;
  }
  const wanted = rest.filter((word) => word !== "dev" && word !== "show");
  const shown = interfaces(io).filter((one) => wanted.length === 0 || wanted.includes(one.name));
  if (wanted.length > 0 && shown.length === 0) throw new Failure(`can't find device '${wanted[0] ?? ""}'`);
  for (const one of shown) {
    const list = one.addresses.filter((address) => family === undefined || address.family === family);
    if (brief)
      await io.out(
        `${one.name.padEnd(16)} ${(one.up ? "UP" : "DOWN").padEnd(14)} ${list.map(({ address, prefix }) => `${address}/${prefix}`).join(" ")}\n`,
      );
    else await io.out(`${linkText(io, one)}${list.map((address) => addressText(one, address)).join("")}`);
  }
  return 0;
}

function linkText(io: AppletIo, one: Interface): string {
  const index = interfaces(io).indexOf(one) + 1;
  const kind =
    one.type === "loopback"
      ? "loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"
      : `ether ${one.hwaddr} brd ff:ff:ff:ff:ff:ff`;
  return `${index}: ${one.name}${one.type === "loopback" ? "" : `@if${index + 1}`}: <${flags(one)}> mtu ${one.mtu} qdisc noqueue ${one.up ? "state UP" : "state DOWN"} qlen 1000\n    link/${kind}\n`;
}

function addressText(one: Interface, { family, address, prefix, scope }: Address): string {
  const shown = scope === "local" ? "host" : scope;
  const broadcast = family === "inet" && one.type !== "loopback" ? ` brd ${broadcastOf(address, prefix)}` : "";
  return `    ${family} ${address}/${prefix}${broadcast} scope ${shown}${family === "inet" ? ` ${one.name}` : ""}\n       valid_lft forever preferred_lft forever\n`;
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

function broadcastOf(address: string, prefix: number): string {
  const size = 2 ** (32 - prefix);
  return dotted(Math.floor((ipv4Number(address) ?? 0) / size) * size + size - 1);
}

function networkOf({ address, prefix }: Address): string {
  const size = 2 ** (32 - prefix);
  return dotted(Math.floor((ipv4Number(address) ?? 0) / size) * size);
}

async function links(io: AppletIo, action: string, rest: string[]): Promise<number> {
  if (action === "set") {
    requireAdmin(io, "SIOCSIFFLAGS");
    const words = rest.filter((word) => word !== "dev");
    const one = named(io, words[0]);
    if (words.includes("up")) setUp(io, one, true);
    else if (words.includes("down")) setUp(io, one, false);
    else throw new UsageError("only up and down can be set");
    return 0;
  }
  if (action === "add" || action === "del") {
    requireAdmin(io, "RTNETLINK answers");
    throw new Failure("RTNETLINK answers: Operation not supported");
  }
  const wanted = rest.filter((word) => word !== "dev");
  for (const one of interfaces(io).filter(({ name }) => wanted.length === 0 || wanted.includes(name)))
    await io.out(linkText(io, one));
  return 0;
}

async function routes(io: AppletIo, action: string, rest: string[]): Promise<number> {
  if (action === "add" || action === "del") {
    requireAdmin(io, "RTNETLINK answers");
    const gateway = rest[rest.indexOf("via") + 1];
    if (!rest.includes("default") || gateway === undefined) throw new Failure("only the default route can be changed");
    const one = interfaces(io).find(({ type }) => type !== "loopback");
    if (!one) throw new Failure("RTNETLINK answers: Network is unreachable");
    one.gateway = action === "add" ? gateway : undefined;
    return 0;
  }
  for (const one of interfaces(io))
    if (one.gateway !== undefined && one.up) await io.out(`default via ${one.gateway} dev ${one.name} \n`);
  for (const one of interfaces(io)) {
    if (one.type === "loopback" || !one.up) continue;
    for (const own of one.addresses.filter(({ family }) => family === "inet"))
      await io.out(`${networkOf(own)}/${own.prefix} dev ${one.name} scope link  src ${own.address} \n`);
  }
  return 0;
}

function setUp(io: AppletIo, one: Interface, up: boolean): void {
  if (one.type === "loopback") io.process.namespaces.net.setLoopback(up);
  else one.up = up;
}

export const ifconfig: Applet = async (io, args) => {
  const [name, address] = args.filter((arg) => arg !== "-a");
  if (address !== undefined) return configure(io, named(io, name), args.slice(1));
  for (const one of interfaces(io).filter((each) => name === undefined || each.name === name))
    await io.out(ifconfigText(one));
  if (name !== undefined) named(io, name);
  return 0;
};

async function configure(io: AppletIo, one: Interface, words: string[]): Promise<number> {
  requireAdmin(io, "SIOCSIFADDR");
  for (const word of words) {
    if (word === "up") setUp(io, one, true);
    else if (word === "down") setUp(io, one, false);
    else if (ipv4Number(word.split("/")[0] ?? "") !== undefined)
      one.addresses = [
        ...one.addresses.filter(({ family }) => family !== "inet"),
        parseAddress(word.includes("/") ? word : `${word}/24`),
      ];
    else throw new UsageError(`bad argument '${word}'`);
  }
  return 0;
}

function ifconfigText(one: Interface): string {
  const inet = one.addresses.find(({ family }) => family === "inet");
  const mask = inet ? dotted(2 ** 32 - 2 ** (32 - inet.prefix)) : "";
  const lines = [
    one.type === "loopback" ? "Link encap:Local Loopback" : `Link encap:Ethernet  HWaddr ${one.hwaddr.toUpperCase()}`,
    ...(inet
      ? [
          `inet addr:${inet.address}${one.type === "loopback" ? "" : `  Bcast:${broadcastOf(inet.address, inet.prefix)}`}  Mask:${mask}`,
        ]
      : []),
    `${flags(one).replaceAll(",", " ").replace("LOWER_UP", "RUNNING")}  MTU:${one.mtu}  Metric:1`,
    `RX packets:${one.packetsReceived} errors:0 dropped:0 overruns:0 frame:0`,
    `TX packets:${one.packetsSent} errors:0 dropped:0 overruns:0 carrier:0`,
    `RX bytes:${one.bytesReceived}  TX bytes:${one.bytesSent}`,
  ];
  return `${lines.map((line, index) => `${(index === 0 ? one.name : "").padEnd(10)}${line}\n`).join("")}\n`;
}

export const route: Applet = async (io, args) => {
  const words = args.filter((arg) => arg !== "-n");
  if (words.length > 0)
    return routes(
      io,
      words[0] ?? "",
      words.slice(1).flatMap((word) => (word === "gw" ? ["via"] : [word])),
    );
  await io.out(
    "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n",
  );
  for (const one of interfaces(io))
    if (one.gateway !== undefined) await io.out(routeRow("0.0.0.0", one.gateway, "0.0.0.0", "UG", one.name));
  for (const one of interfaces(io).filter(({ type }) => type !== "loopback")) {
    for (const own of one.addresses.filter(({ family }) => family === "inet"))
      await io.out(routeRow(networkOf(own), "0.0.0.0", dotted(2 ** 32 - 2 ** (32 - own.prefix)), "U", one.name));
  }
  return 0;
};

/** Only what shows whether a process may change the network. */
export const brctl: Applet = async (io, [action, name]) => {
  if (action === "show" || action === undefined) {
    await io.out("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    return 0;
  }
  if (name === undefined || !["addbr", "delbr"].includes(action))
    throw new UsageError("usage: brctl show | addbr BRIDGE | delbr BRIDGE");
  requireAdmin(io, `bridge ${name}`);
  const list = interfaces(io);
  const index = list.findIndex((one) => one.name === name);
  if (action === "delbr") {
    if (index < 0) throw new Failure(`bridge ${name}: No such device or address`);
    list.splice(index, 1);
    return 0;
  }
  if (index >= 0) throw new Failure(`bridge ${name}: File exists`);
  list.push({
    name,
    type: "broadcast",
    up: false,
    hwaddr: "02:00:00:00:00:01",
    hostName: "",
    mtu: 1500,
    network: "",
    addresses: [],
    gateway: undefined,
    requestLease: () => null,
    bytesReceived: 0,
    bytesSent: 0,
    packetsReceived: 0,
    packetsSent: 0,
  });
  return 0;
};

/** A DHCP client: asks once and configures the interface. */
export const udhcpc: Applet = async (io, args) => {
  const options = parseOptions(args, "fqnbRi:s:t:T:p:x:");
  const one = named(io, options.value("i") ?? "eth0");
  await writeFd(io.process, 2, "udhcpc: started\n");
  const lease = one.requestLease();
  if (!lease) {
    await writeFd(io.process, 2, "udhcpc: no lease, failing\n");
    return 1;
  }
  one.addresses = [...one.addresses.filter(({ family }) => family !== "inet"), parseAddress(lease.address)];
  one.gateway = lease.gateway;
  one.up = true;
  const servers = lease.nameservers.map((server) => `nameserver ${server}\n`).join("");
  await writeFile(
    io.process,
    "/etc/resolv.conf",
    O_WRONLY | O_CREAT | O_TRUNC,
    `${lease.domain === "" ? "" : `search ${lease.domain}\n`}${servers}`,
  );
  await writeFd(io.process, 2, `udhcpc: lease of ${lease.address.split("/")[0] ?? ""} obtained\n`);
  return 0;
};

function routeRow(target: string, gateway: string, mask: string, kind: string, name: string): string {
  return `${target.padEnd(15)} ${gateway.padEnd(15)} ${mask.padEnd(15)} ${kind.padEnd(5)} 0      0        0 ${name}\n`;
}
