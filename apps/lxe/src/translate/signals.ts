/** Stop signals by name. Pure. */

import { constants } from "node:os";
import { InvalidArgumentError, Signal } from "@lxe/cri";

/** Real-time signals as the C library of LXC numbers them; CRI counts from the nearer end. */
const [RTMIN, RTMIDDLE, RTMAX] = [34, 49, 64] as const;

const NAMES = new Map<number, string>(
  Object.entries(Signal).flatMap(([name, number]) =>
    name.startsWith("SIGNAL_SIG") ? [[number, name.slice("SIGNAL_".length)]] : [],
  ),
);

/**
 * Name or number that LXC takes for lxc.signal.halt. The config's wins over the image's. Empty for an image's init when nobody
 * says otherwise: LXD knows which signal systemd and others take for a shutdown.
 */
export function stopSignalName(asked: Signal, imageSignal: string, type: "app" | "system"): string {
  if (asked !== Signal.SIGNAL_RUNTIME_DEFAULT) {
    const name = NAMES.get(asked);
    if (name === undefined) throw new InvalidArgumentError(`stop_signal has an unknown value: ${asked}`);
    return lxcName(name);
  }
  if (imageSignal !== "") return lxcName(imageSignal.toUpperCase());
  return type === "system" ? "" : "SIGTERM";
}

/** LXC knows real-time signals as `SIGRTMIN+3` and `SIGRTMAX-3` only, with a number always. */
function lxcName(name: string): string {
  const fromMin = /^(?:SIG)?RTMIN(?:(?:PLUS|\+)?(\d+))?$/.exec(name);
  if (fromMin) return `SIGRTMIN+${fromMin[1] ?? 0}`;
  const fromMax = /^(?:SIG)?RTMAX(?:(?:MINUS|-)?(\d+))?$/.exec(name);
  if (fromMax) return `SIGRTMAX-${fromMax[1] ?? 0}`;
  return /^\d+$/.test(name) || name.startsWith("SIG") ? name : `SIG${name}`;
}

/** The kernel's number of a signal as a name. */
function nameOfNumber(number: number): string {
  if (number >= RTMIN) return number <= RTMIDDLE ? `SIGRTMIN+${number - RTMIN}` : `SIGRTMAX-${RTMAX - number}`;
  return Object.entries(constants.signals).find(([, known]) => known === number)?.[0] ?? "";
}

/** The effective signal as CRI shows it. */
export function signalOf(name: string): Signal {
  const wanted = (/^\d+$/.test(name) ? nameOfNumber(Number(name)) : name)
    .replace(/^(SIGRTMIN\+|SIGRTMAX-)0$/, (_, first: string) => first.slice(0, -1))
    .replace("SIGRTMIN+", "SIGRTMINPLUS")
    .replace("SIGRTMAX-", "SIGRTMAXMINUS");
  for (const [number, known] of NAMES) if (known === wanted) return number as Signal;
  return Signal.SIGNAL_RUNTIME_DEFAULT;
}
