/** What LXD itself refuses in raw.lxc, before liblxc sees it. */
import { failure } from "../errors.ts";

const refusedKeys: ReadonlyMap<string, string> = new Map([
  ["lxc.log.file", "Setting lxc.logfile is not allowed"],
  ["lxc.logfile", "Setting lxc.logfile is not allowed"],
  ["lxc.log.syslog", "Setting lxc.log.syslog is not allowed"],
  ["lxc.syslog", "Setting lxc.log.syslog is not allowed"],
  ["lxc.ephemeral", "Setting lxc.ephemeral is not allowed"],
]);

const prlimit =
  'Process limits should be set via "limits.kernel.[limit name]" and not directly via "lxc.prlimit.[limit name]"';

function reasonFor(key: string): string | undefined {
  const refused = refusedKeys.get(key);
  if (refused !== undefined) return refused;
  if (key.startsWith("lxc.prlimit.")) return prlimit;
  if (key.startsWith("lxc.net.") && !/^lxc\.net\.[^.]+\.ipv[46]\.(address|gateway)$/.test(key)) {
    return "Only interface-specific ipv4/ipv6 lxc.net. keys are allowed";
  }
  return undefined;
}

/** Throws 500 with LXD's text. */
export function checkRefusedKeys(rawLxc: string): void {
  for (const line of rawLxc.split("\n")) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const equals = line.indexOf("=");
    if (equals < 0) throw failure(`Invalid raw.lxc line: ${line}`);
    const reason = reasonFor(line.slice(0, equals).trim().toLowerCase());
    if (reason !== undefined) throw failure(reason);
  }
}
