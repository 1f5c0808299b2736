/** Stop signals by name. Pure. */

import { InvalidArgumentError, Signal } from "@lxe/cri";

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

/** LXC knows real-time signals from the bottom, not `SIGRTMINPLUS3`. */
function lxcName(name: string): string {
  const fromMin = /^(?:SIG)?RTMIN(?:PLUS|\+)?(\d+)$/.exec(name);
  if (fromMin) return `SIGRTMIN+${fromMin[1]}`;
  const fromMax = /^(?:SIG)?RTMAX(?:MINUS|-)?(\d+)$/.exec(name);
  if (fromMax) return `SIGRTMAX-${fromMax[1]}`;
  return /^\d+$/.test(name) || name.startsWith("SIG") ? name : `SIG${name}`;
}

/** The effective signal as CRI shows it. */
export function signalOf(name: string): Signal {
  const wanted = name.replace("SIGRTMIN+", "SIGRTMINPLUS").replace("SIGRTMAX-", "SIGRTMAXMINUS");
  for (const [number, known] of NAMES) if (known === wanted) return number as Signal;
  return Signal.SIGNAL_RUNTIME_DEFAULT;
}
