import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { argvOf, cloudInitConfig, environmentOf, workingDirOf } from "./command.ts";
import { type AppConfig, appConfig } from "./testing/inputs.ts";

const IMAGE = {
  entrypoint: ["/entry", "-e"],
  cmd: ["cmd", "1"],
  env: ["PATH=/image", "A=image", "EMPTY=", "EQUALS=a=b"],
  workingDir: "/image",
  user: "",
  stopSignal: "",
  volumes: [],
};
const BARE = { ...IMAGE, entrypoint: [], cmd: [], env: [], workingDir: "" };

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

const environment = (config: AppConfig, image = IMAGE) =>
  environmentOf({ config: appConfig(config), image, hostname: "pod", home: "/home" });
const env = (key: string, value: string) => ({ key, value: Buffer.from(value) });

describe("argv", () => {
  it.each([
    { command: [], args: [], expected: ["/entry", "-e", "cmd", "1"] },
    { command: [], args: ["x"], expected: ["/entry", "-e", "x"] },
    { command: ["/c"], args: [], expected: ["/c"] },
    { command: ["/c", ""], args: ["x"], expected: ["/c", "", "x"] },
  ])("is $expected for command $command, args $args", ({ command, args, expected }) => {
    expect(argvOf(appConfig({ command, args }), IMAGE)).toEqual(expected);
  });

  it("is refused when neither the request nor the image names a command", () => {
    expect(() => argvOf(appConfig(), BARE)).toThrow("no command specified");
  });

  it.each([{ command: ["a\0b"] }, { command: ["a"], args: ["\0"] }])("is refused with a NUL byte: %o", (config) => {
    expect(() => argvOf(appConfig(config), BARE)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("the environment", () => {
  it("is the image's, then the request's; defaults only where neither says", () => {
    expect(environment({ envs: [env("A", "request"), env("HOME", "/mine")] })).toEqual([
      "PATH=/image",
      "A=request",
      "EMPTY=",
      "EQUALS=a=b",
      "HOME=/mine",
      "HOSTNAME=pod",
    ]);
  });

  it("has a PATH, a HOSTNAME and a HOME always, and TERM with a terminal", () => {
    expect(environment({ tty: true }, BARE)).toEqual([
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOSTNAME=pod",
      "TERM=xterm",
      "HOME=/home",
    ]);
  });

  it("takes the last of two values for one name", () => {
    expect(environment({ envs: [env("B", "1"), env("B", "2")] }, BARE)).toContain("B=2");
    expect(environment({ envs: [env("B", "1"), env("B", "2")] }, BARE)).not.toContain("B=1");
  });

  it("keeps any bytes but NUL, one character for each", () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => value.map((byte) => byte || 1));
    const name = fc.string({ unit: "binary", minLength: 1 }).filter((key) => !/[=\0]/.test(key) && key !== "user-data");
    fc.assert(
      fc.property(name, bytes, (key, value) => {
        const entries = environment({ envs: [{ key, value }] }, BARE);
        expect(entries).toContain(`${latin1(key)}=${Buffer.from(value).toString("latin1")}`);
      }),
    );
  });

  it("survives the way through JSON into the program", () => {
    const entries = JSON.parse(JSON.stringify(environment({ envs: [env("Ä", "ö€")] }, BARE))) as string[];
    expect(entries.map((entry) => Buffer.from(entry, "latin1").toString())).toContain("Ä=ö€");
  });

  it.each(["", "A=B", "A\0"])("refuses %j as a name", (key) => {
    expect(() => environment({ envs: [env(key, "")] })).toThrow("envs:");
  });

  it("refuses a NUL byte in a value", () => {
    expect(() => environment({ envs: [env("A", "\0")] })).toThrow("envs: the value of A");
  });

  it("leaves out what is cloud-init's", () => {
    const config = { envs: [env("user-data", "#cloud-config"), env("A", "1")] };
    expect(environment(config, BARE).join()).not.toContain("user-data");
    expect(cloudInitConfig(appConfig(config))).toEqual({ "user.user-data": "#cloud-config" });
  });
});

describe("the working directory", () => {
  it.each([
    { asked: "", image: "", expected: "/" },
    { asked: "", image: "/image", expected: "/image" },
    { asked: "/asked here", image: "/image", expected: "/asked here" },
  ])("is $expected for $asked over $image", ({ asked, image, expected }) => {
    expect(workingDirOf(appConfig({ workingDir: asked }), { ...IMAGE, workingDir: image })).toBe(expected);
  });

  it.each(["relative", "/a\0b"])("is refused by the name of the field for %j", (workingDir) => {
    expect(() => workingDirOf(appConfig({ workingDir }), IMAGE)).toThrow("working_dir");
  });
});
