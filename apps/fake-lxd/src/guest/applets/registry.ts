/** All applets by name, and how a process becomes one. */
import type { Program } from "../core/control.ts";
import { type Applet, runApplet } from "./lib/applet.ts";
import { families } from "./families.ts";
import { programs } from "./programs.ts";

const applets: ReadonlyMap<string, Applet> = new Map(Object.entries(families));

export function appletNames(): string[] {
  return [...applets.keys(), "busybox"];
}

/** The program of this name; `busybox` takes its first argument as the name. Undefined for names that nobody knows. */
export function findApplet(name: string): Program | undefined {
  if (name === "busybox") return runBusybox;
  const applet = applets.get(name) ?? programs[name];
  return applet && ((process) => runApplet(process, applet, name, process.argv.slice(1)));
}

const runBusybox: Program = async (process) => {
  const [, name, ...args] = process.argv;
  if (name === undefined || name === "--list") {
    const list = appletNames().toSorted();
    return runApplet(process, async (io) => (await io.out(`${list.join("\n")}\n`), 0), "busybox", []);
  }
  const applet = applets.get(name);
  if (!applet) {
    return runApplet(
      process,
      async (io) => (await io.out(Buffer.alloc(0)), await writeNotFound(io, name), 127),
      name,
      [],
    );
  }
  process.argv = [name, ...args];
  return runApplet(process, applet, name, args);
};

async function writeNotFound(io: Parameters<Applet>[0], _name: string): Promise<void> {
  await io.warn("applet not found");
}
