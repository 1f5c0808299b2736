import { isCriError } from "@lxe/cri";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containerInstance } from "./container-instance.ts";
import { mountLine, renderRawLxc } from "./raw-lxc.ts";
import { sandboxInstance } from "./sandbox-instance.ts";
import { type AppConfig, containerInput, getmntent, type PodConfig, rawLines, sandboxInput } from "./testing/inputs.ts";

const SPECIALS = ["\n", "\r", "\0", "\t", " ", "\\", "#", "=", '"', "'", ",", "\\040", "\u2028", "lxc.hook.start = /x"];
/** Text that a line's syntax could trip over. */
const nasty = fc
  .array(
    fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...SPECIALS) }, fc.string({ unit: "binary", maxLength: 4 })),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));
const noNul = nasty.filter((text) => !text.includes("\0"));
const path = noNul.map((text) => `/${text}`);

describe("raw.lxc", () => {
  it.each(["\n", "\r", "\0"])("refuses %j in a key or a value", (char) => {
    expect(() => renderRawLxc([["lxc.a", `b${char}c`]])).toThrow("line break");
    expect(() => renderRawLxc([[`lxc.a${char}`, "b"]])).toThrow("line break");
  });

  it("gives back the fields of a mount, whatever bytes their paths have, as getmntent reads them", () => {
    fc.assert(
      fc.property(noNul, path, (source, target) => {
        fc.pre(source !== "" && /[^/]/.test(target));
        const [, line] = mountLine({ source, target, type: "none", options: ["bind", "ro"] });
        expect(getmntent(line)).toEqual({
          source: source.startsWith("#") ? `./${source}` : source,
          target: target.replace(/^\/+/, ""),
          type: "none",
          options: ["bind", "ro"],
        });
      }),
    );
  });

  it.each([
    ["", "/c"],
    ["/h", "/"],
    ["/h", "//"],
  ])("refuses a mount of %j on %j: the line's fields would move", (source, target) => {
    expect(() => mountLine({ source, target, type: "none", options: [] })).toThrow("needs a source and a target");
  });

  it("refuses a NUL byte in a mount's path", () => {
    expect(() => mountLine({ source: "/a\0b", target: "/c", type: "none", options: [] })).toThrow("NUL");
  });
});

/** Every string in a config, replaced one at a time. */
function withString(config: object, at: number, text: string): { changed: object; count: number } {
  let count = 0;
  const replace = (value: unknown): unknown => {
    if (typeof value === "string") return count++ === at ? text : value;
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const isMap = key.includes(".");
        return [isMap && count++ === at ? text : key, replace(item)];
      }),
    );
  };
  return { changed: replace(config) as object, count };
}

const keysOf = (render: () => ReturnType<typeof containerInstance>): string[] => {
  try {
    return rawLines(render()).map(([key]) => key);
  } catch (error) {
    if (isCriError(error)) return [];
    throw error;
  }
};

describe("no string of a request", () => {
  const PLAIN_APP: AppConfig = {
    mounts: [{ hostPath: "/h", containerPath: "/c" }],
    devices: [{ hostPath: "/dev/x", containerPath: "/dev/y", permissions: "rwm" }],
    linux: {
      resources: { cpusetCpus: "1", cpusetMems: "0", unified: { "memory.high": "1" } },
      securityContext: {
        maskedPaths: ["/m"],
        readonlyPaths: ["/r"],
        apparmor: { profileType: 2, localhostRef: "p" },
        capabilities: { addCapabilities: ["KILL"] },
      },
    },
  };
  const PLAIN_POD: PodConfig = {
    hostname: "h",
    linux: { cgroupParent: "/p", sysctls: { "net.x": "1" } },
  };

  it.each([
    { of: "a container", plain: PLAIN_APP, render: (c: AppConfig) => containerInstance(containerInput(c)) },
    { of: "a pod", plain: PLAIN_POD, render: (c: PodConfig) => sandboxInstance(sandboxInput(c)) },
  ])("adds a line or a key to raw.lxc of $of", ({ plain, render }) => {
    const usual = new Set(rawLines(render(plain)).map(([key]) => key));
    const lines = rawLines(render(plain)).length;
    const { count } = withString(plain, -1, "");
    expect(count).toBeGreaterThan(2);
    fc.assert(
      fc.property(fc.nat(count - 1), nasty, (at, text) => {
        const keys = keysOf(() => render(withString(plain, at, text).changed));
        expect(keys.length).toBeLessThanOrEqual(lines);
        // a file of unified and the name of a sysctl are a key's last part
        const added = keys.filter((key) => !usual.has(key));
        for (const key of added) expect(key).toMatch(/^lxc\.(cgroup2|sysctl)\.[a-zA-Z0-9_.-]+$/);
      }),
      { numRuns: 500 },
    );
  });
});
