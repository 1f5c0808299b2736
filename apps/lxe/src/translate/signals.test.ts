import { Signal } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { signalOf, stopSignalName } from "./signals.ts";

const { SIGNAL_RUNTIME_DEFAULT } = Signal;
const named = Object.entries(Signal).filter(([name]) => name.startsWith("SIGNAL_SIG"));

describe("the stop signal", () => {
  it.each([
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "", type: "app", expected: "SIGTERM" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "", type: "system", expected: "" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "SIGQUIT", type: "app", expected: "SIGQUIT" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "quit", type: "app", expected: "SIGQUIT" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "9", type: "app", expected: "9" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "SIGRTMIN+3", type: "system", expected: "SIGRTMIN+3" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "RTMAX-2", type: "app", expected: "SIGRTMAX-2" },
    { asked: SIGNAL_RUNTIME_DEFAULT, image: "SIGRTMIN", type: "app", expected: "SIGRTMIN+0" },
    { asked: Signal.SIGNAL_SIGUSR1, image: "SIGQUIT", type: "app", expected: "SIGUSR1" },
    { asked: Signal.SIGNAL_SIGRTMIN, image: "", type: "app", expected: "SIGRTMIN+0" },
    { asked: Signal.SIGNAL_SIGRTMAX, image: "", type: "app", expected: "SIGRTMAX-0" },
    { asked: Signal.SIGNAL_SIGRTMINPLUS15, image: "", type: "app", expected: "SIGRTMIN+15" },
    { asked: Signal.SIGNAL_SIGRTMAXMINUS14, image: "", type: "app", expected: "SIGRTMAX-14" },
  ] as const)("is $expected for $asked over the image's $image ($type)", ({ asked, image, type, expected }) => {
    expect(stopSignalName(asked, image, type)).toBe(expected);
  });

  it.each(named)("%s is shown as it was asked for", (_, signal) => {
    expect(signalOf(stopSignalName(signal, "", "app"))).toBe(signal);
  });

  it.each([
    ["15", Signal.SIGNAL_SIGTERM],
    ["9", Signal.SIGNAL_SIGKILL],
    ["34", Signal.SIGNAL_SIGRTMIN],
    ["37", Signal.SIGNAL_SIGRTMINPLUS3],
    ["50", Signal.SIGNAL_SIGRTMAXMINUS14],
    ["64", Signal.SIGNAL_SIGRTMAX],
    ["", SIGNAL_RUNTIME_DEFAULT],
    ["200", SIGNAL_RUNTIME_DEFAULT],
    ["SIGNOTHING", SIGNAL_RUNTIME_DEFAULT],
  ])("of an image by number or name %j is shown as %i", (name, expected) => {
    expect(signalOf(name)).toBe(expected);
  });

  it.each([66, -1, 1000])("is refused for the unknown value %i", (value) => {
    expect(() => stopSignalName(value as Signal, "", "app")).toThrow("stop_signal");
  });
});
