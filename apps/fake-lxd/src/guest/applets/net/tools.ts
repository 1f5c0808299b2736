/** netstat ss ping nslookup */
import fs from "node:fs";
import { has } from "../../core/capabilities.ts";
import { writeFd } from "../../sys/io.ts";
import { type Applet, Failure, UsageError } from "../lib/applet.ts";
import { parseNumber, parseOptions } from "../lib/options.ts";
import { sleepFor } from "../simple.ts";
import { lines, resolveHost } from "./resolve.ts";

export const netstat: Applet = async (io, args) => {
  const options = parseOptions(args, "laentuwxrpWi");
  const { net } = io.process.namespaces;
  const all = !options.has("t") && !options.has("u") && !options.has("x");
  const rows: string[] = [];
  const row = (protocol: string, local: string, remote: string, state: string, owner: string) =>
    `${protocol.padEnd(5)} ${"0".padStart(6)} ${"0".padStart(6)} ${local.padEnd(23)} ${remote.padEnd(23)} ${state.padEnd(11)}${options.has("p") ? ` ${owner}` : ""}\n`;
  if (all || options.has("t")) {
    if (options.has("l") || options.has("a"))
      for (const one of net.listeners)
        rows.push(row(`tcp${family(one.address)}`, `${one.address}:${one.port}`, "0.0.0.0:*", "LISTEN", one.owner));
    if (!options.has("l"))
      for (const { local, remote } of net.connections)
        rows.push(row("tcp", `${local.address}:${local.port}`, `${remote.address}:${remote.port}`, "ESTABLISHED", "-"));
  }
  if (all || options.has("u"))
    for (const one of net.udp) rows.push(row("udp", `${one.address}:${one.port}`, "0.0.0.0:*", "", one.owner));
  if (net.isHost && (options.has("l") || options.has("a")))
    rows.push(
      ...hostListeners().map(([address, port]) =>
        row(`tcp${family(address)}`, `${address}:${port}`, "0.0.0.0:*", "LISTEN", "-"),
      ),
    );
  const title = options.has("l") ? "(only servers)" : options.has("a") ? "(servers and established)" : "(w/o servers)";
  await io.out(
    `Active Internet connections ${title}\nProto Recv-Q Send-Q Local Address           Foreign Address         State      ${options.has("p") ? " PID/Program name" : ""}\n${rows.join("")}`,
  );
  return 0;
};

/** Real listeners of the machine, for guests in the host's namespace. */
function hostListeners(): [address: string, port: number][] {
  // Elsewhere than on Linux nothing tells.
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].filter((path) => fs.existsSync(path));
  const lines = tables.flatMap((path) => fs.readFileSync(path, "latin1").split("\n"));
  return lines.flatMap((line): [string, number][] => {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ 0A /.exec(line);
    return match ? [[addressOf(match[1] ?? ""), Number.parseInt(match[2] ?? "0", 16)]] : [];
  });
}

/** Of IPv6 addresses only whether they are the one of all interfaces: nobody asks for more. */
function addressOf(hex: string): string {
  if (hex.length > 8) return /^0+$/.test(hex) ? "::" : "::1";
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
}

export const ping: Applet = async (io, args) => {
  const options = parseOptions(args, "46qnc:w:W:i:s:I:t:");
  const [host] = options.operands;
  if (host === undefined) throw new UsageError("usage: ping [OPTIONS] HOST");
  const address = resolveHost(io.process, host);
  if (address === undefined) throw new Failure(`bad address '${host}'`);
  await io.out(`PING ${host} (${address}): 56 data bytes\n`);
  if (!has(io.process.capabilities, "net_raw")) throw new Failure("permission denied (are you root?)");
  const { net } = io.process.namespaces;
  const via = net.route(address);
  if (!via) throw new Failure("sendto: Network is unreachable");
  const alive = net.owns(address) || net.fabric.find(net, via, address) !== undefined || address === via.gateway;
  const count = options.value("c") === undefined ? Number.POSITIVE_INFINITY : parseNumber(options.value("c") ?? "1");
  let sent = 0;
  for (; sent < count; sent++) {
    if (sent > 0) await sleepFor(io.process, Number(options.value("i") ?? 1) * 1000);
    if (alive && !options.has("q")) await io.out(`64 bytes from ${address}: seq=${sent} ttl=64 time=0.050 ms\n`);
  }
  if (!alive) await sleepFor(io.process, Number(options.value("W") ?? options.value("w") ?? 10) * 1000);
  await io.out(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${alive ? sent : 0} packets received, ${alive ? 0 : 100}% packet loss\n${alive ? "round-trip min/avg/max = 0.050/0.050/0.050 ms\n" : ""}`,
  );
  return alive ? 0 : 1;
};

export const nslookup: Applet = async (io, args) => {
  const [name] = args.filter((arg) => !arg.startsWith("-"));
  if (name === undefined) throw new UsageError("usage: nslookup HOST");
  const server = lines(io.process, "/etc/resolv.conf")
    .map((line) => /^nameserver\s+(\S+)/.exec(line)?.[1])
    .find((one) => one !== undefined);
  await io.out(`Server:\t\t${server ?? "127.0.0.1"}\nAddress:\t${server ?? "127.0.0.1"}:53\n\n`);
  const address = resolveHost(io.process, name);
  if (address === undefined) {
    await writeFd(io.process, 1, `** server can't find ${name}: NXDOMAIN\n`);
    return 1;
  }
  await io.out(`Name:\t${name}\nAddress: ${address}\n`);
  return 0;
};

function family(address: string): string {
  return address.includes(":") ? "6" : "";
}
