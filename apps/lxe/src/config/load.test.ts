import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConfigKey } from "./config.ts";
import { CONFIG_KEYS, createConfig, settingOf } from "./config.ts";
import { FORMER_KEYS } from "./former-keys.ts";
import type { ConfigInput } from "./load.ts";
import { ConfigError, loadConfig } from "./load.ts";
import { showConfig } from "./show.ts";
import { environmentName } from "./sources.ts";

interface Given {
  readonly flags?: ConfigInput["flags"];
  readonly environment?: ConfigInput["environment"];
  readonly yaml?: string;
}

function load({ flags = {}, environment = {}, yaml }: Given): ReturnType<typeof loadConfig> {
  return loadConfig({ flags, environment, file: yaml === undefined ? undefined : { path: "lxe.yaml", text: yaml } });
}

function problems(given: Given): readonly string[] {
  try {
    load(given);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("sources", () => {
  test("without any, all is default", () => {
    const { config, sources } = load({});
    expect(config).toEqual(createConfig());
    expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
    expect(config.socket).toBe("/run/lxe.sock");
    expect(config.lxdProfiles).toEqual(["default"]);
  });

  test("flags win over the environment, that over the file, that over defaults", () => {
    const yaml = "socket: /file\nstate-dir: /file\nbridge-name: file0\n";
    const environment = { LXE_SOCKET: "/env", LXE_STATE_DIR: "/env" };
    const { config, sources } = load({ flags: { socket: "/flag" }, environment, yaml });
    expect(config).toMatchObject({ socket: "/flag", stateDir: "/env", bridgeName: "file0", userns: "auto" });
    expect(sources).toMatchObject({
      socket: "flag",
      "state-dir": "environment",
      "bridge-name": "file",
      userns: "default",
    });
  });

  test("numbers and lists are the same from text and from YAML", () => {
    const fromText = load({ flags: { "pids-limit": "100" }, environment: { LXE_LXD_PROFILES: "a, b" } });
    const fromYaml = load({ yaml: "pids-limit: 100\nlxd-profiles: [a, b]\n" });
    expect(fromText.config).toEqual(fromYaml.config);
    expect(fromText.config).toMatchObject({ pidsLimit: 100, lxdProfiles: ["a", "b"] });
  });

  test("no profiles at all can be asked for", () => {
    expect(load({ flags: { "lxd-profiles": "" } }).config.lxdProfiles).toEqual([]);
  });

  test("empty variables, keys without a value and other programs' variables do not count", () => {
    const { config } = load({ environment: { LXE_SOCKET: "", PATH: "/bin" }, yaml: "socket:\n" });
    expect(config.socket).toBe("/run/lxe.sock");
    expect(load({ yaml: "" }).config).toEqual(createConfig());
  });
});

describe("mistakes", () => {
  test.each<[string, Given, string]>([
    ["an unknown key", { yaml: "sokcet: /x" }, "lxe.yaml: sokcet is not a setting; did you mean socket?"],
    [
      "an unknown variable",
      { environment: { LXE_LXDSOCKET: "/x" } },
      "LXE_LXDSOCKET is not a setting; did you mean LXE_LXD_SOCKET?",
    ],
    ["a former key", { yaml: "debug: true" }, "lxe.yaml: debug is not a setting of this version: use log-level: debug"],
    [
      "a former variable",
      { environment: { LXE_HOSTNETWORK_FILE: "/x" } },
      "LXE_HOSTNETWORK_FILE is not a setting of this version: pods in the host's network need no file any more",
    ],
    ["a relative path", { flags: { socket: "lxe.sock" } }, '--socket: must be an absolute path, not "lxe.sock"'],
    [
      "an unknown choice",
      { environment: { LXE_USERNS: "never" } },
      'LXE_USERNS: must be one of auto, always, requested, not "never"',
    ],
    ["a text for a number", { flags: { "pids-limit": "many" } }, '--pids-limit: must be a whole number, not "many"'],
    ["a number below zero", { flags: { "pids-limit": "-1" } }, "--pids-limit: must not be negative, not -1"],
    [
      "an interface name that is too long",
      { flags: { "bridge-name": "a234567890123456" } },
      `--bridge-name: must be a network interface name: at most 15 letters, digits, '-', '_', '.', not "a234567890123456"`,
    ],
    [
      "a range that is none",
      { flags: { "bridge-dhcp-range": "10.0.0.9-10.0.0.1" } },
      '--bridge-dhcp-range: must be two IPv4 addresses, FIRST-LAST, the lower one first, not "10.0.0.9-10.0.0.1"',
    ],
    ["a text for a path", { yaml: "socket: 5" }, "lxe.yaml: socket: must be a path, not 5"],
    ["a nested file", { yaml: "- socket" }, 'lxe.yaml must be a mapping of settings, as "socket: /run/lxe.sock"'],
    [
      "the plugin that is not there yet",
      { flags: { "network-plugin": "cni" } },
      "network-plugin: cni is not available in this version; use bridge",
    ],
  ])("%s is named", (_title, given, problem) => {
    expect(problems(given)).toEqual([problem]);
  });

  test("broken YAML is an error with its place", () => {
    expect(problems({ yaml: "a: [" }).join()).toMatch(/^lxe\.yaml: .* at line 1/su);
  });

  test("all are told at once", () => {
    expect(problems({ flags: { socket: "x" }, environment: { LXE_X: "1" }, yaml: "y: 1" })).toHaveLength(3);
  });

  test("no former key is a key of today", () => {
    expect(CONFIG_KEYS.filter((key) => Object.hasOwn(FORMER_KEYS, key))).toEqual([]);
  });

  test("any value of any source is taken or refused in words, never a crash", () => {
    const entry = fc.tuple(fc.constantFrom(...CONFIG_KEYS), fc.string());
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), fc.string(), (flags, variables, yaml) => {
        const environment = Object.fromEntries(variables.map(([key, text]) => [environmentName(key), text]));
        expect(problems({ flags: Object.fromEntries(flags), environment, yaml })).toBeInstanceOf(Array);
      }),
    );
  });
});

describe("showConfig", () => {
  const values: Partial<Record<ConfigKey, string>> = {
    socket: "/run/with blank.sock",
    "lxd-profiles": "a,b",
    "pids-limit": "7",
    "bridge-dhcp-range": "10.0.0.2-10.0.0.9",
    "log-level": "warn",
  };

  test("what it prints can be used as a config file, and is the same config then", () => {
    for (const flags of [{}, values]) {
      const loaded = load({ flags });
      expect(load({ yaml: showConfig(loaded) }).config).toEqual(loaded.config);
    }
  });

  test("each value has its source", () => {
    const shown = showConfig(
      load({ flags: { socket: "/a" }, environment: { LXE_USERNS: "always" }, yaml: "state-dir: /b" }),
    );
    expect(shown).toContain("socket: /a # flag\n");
    expect(shown).toContain("userns: always # environment\n");
    expect(shown).toContain("state-dir: /b # file\n");
    expect(shown).toContain("bridge-name: lxebr0 # default\n");
    expect(shown.trimEnd().split("\n")).toHaveLength(CONFIG_KEYS.length);
  });
});

test("every default is valid", () => {
  const defaults = CONFIG_KEYS.map(settingOf).filter(({ defaultValue }) => defaultValue !== undefined);
  expect(defaults.filter(({ schema, defaultValue }) => !schema.safeParse(defaultValue).success)).toEqual([]);
});
