/** Names to addresses: numbers and /etc/hosts. Guests have no name server to ask. */
import { fromBuffer } from "../../core/bytes.ts";
import { Errno } from "../../core/errno.ts";
import type { Process } from "../../core/process.ts";
import { readNow } from "../../exec/read-now.ts";
import { ipv4Number } from "../../net/namespace.ts";
import { locate } from "../../vfs/walk.ts";

export function resolveHost(process: Process, name: string): string | undefined {
  if (ipv4Number(name) !== undefined) return name;
  const bare = name.replace(/^\[|\]$/g, "");
  if (/^[0-9a-fA-F:]+$/.test(bare) && bare.includes(":")) return bare;
  return (
    hosts(process).find(({ names }) => names.includes(name))?.address ??
    (name === "localhost" ? "127.0.0.1" : undefined)
  );
}

interface Host {
  address: string;
  names: string[];
}

function hosts(process: Process): Host[] {
  const rows = lines(process, "/etc/hosts").map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  const found = rows.flatMap(([address = "", ...names]) => (address === "" ? [] : [{ address, names }]));
  // IPv4 before IPv6, as programs mostly try.
  return found.toSorted((a, b) => Number(a.address.includes(":")) - Number(b.address.includes(":")));
}

export function lines(process: Process, path: string): string[] {
  try {
    return fromBuffer(readNow(process.machine.host, locate(process, path), 1024 * 1024)).split("\n");
  } catch (error) {
    if (error instanceof Errno) return [];
    throw error;
  }
}
