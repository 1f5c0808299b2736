import { describe, expect, it } from "vitest";
import { remoteConfigPlaces } from "./remote-config.ts";
import { BUILT_IN_REMOTES, parseRemotes } from "./remotes.ts";

const NONE = new Map<string, string>();

describe("the remotes of a config.yml", () => {
  it("are read in the lxc client's own format, with the certificates beside it", () => {
    const text = `
default-remote: local
remotes:
  images:
    addr: https://mirror.example/
    protocol: simplestreams
    public: true
  peer:
    addr: https://10.0.0.1:8443
    auth_type: tls
    protocol: lxd
    public: false
  older:
    addr: https://10.0.0.2:8443
    public: false
  here:
    addr: unix://
    public: false
aliases: {}
`;
    const remotes = parseRemotes(text, new Map([["peer", "PEM"]]));
    expect(remotes.get("images")).toEqual({
      kind: "server",
      name: "images",
      address: "https://mirror.example",
      protocol: "simplestreams",
      certificate: undefined,
    });
    expect(remotes.get("peer")).toMatchObject({
      address: "https://10.0.0.1:8443",
      protocol: "lxd",
      certificate: "PEM",
    });
    expect(remotes.get("older")).toMatchObject({ kind: "server", protocol: "lxd" });
    expect(remotes.get("here")).toEqual({ kind: "local", name: "here" });
  });

  it("come over the built-in ones", () => {
    const remotes = parseRemotes("remotes: {mine: {addr: 'https://x.example', protocol: simplestreams}}", NONE);
    expect([...remotes.keys()]).toEqual([...BUILT_IN_REMOTES.keys(), "mine"]);
  });

  it("take the first of several addresses", () => {
    const remotes = parseRemotes(
      "remotes: {c: {addrs: ['https://a.example', 'https://b.example'], protocol: incus}}",
      NONE,
    );
    expect(remotes.get("c")).toMatchObject({ address: "https://a.example", protocol: "incus" });
  });

  it("are without those that LXD cannot pull from", () => {
    const remotes = parseRemotes("remotes: {hub: {addr: 'https://hub.example', protocol: oci}, odd: {addr: ''}}", NONE);
    expect([...remotes.keys()]).toEqual([...BUILT_IN_REMOTES.keys()]);
  });

  it.each(["", "remotes:", "remotes: {}", "{}"])("are the built-in ones for %j", (text) => {
    expect(parseRemotes(text, NONE)).toEqual(BUILT_IN_REMOTES);
  });

  it.each([
    ["[", "must end with a ]"],
    ["remotes: 7", "expected record"],
    ["- a", "expected object"],
  ])("are an error for %j", (text, message) => {
    expect(() => parseRemotes(text, NONE)).toThrow(message);
  });
});

describe("the places of the config.yml", () => {
  it("are those of the lxc client", () => {
    expect(remoteConfigPlaces({ LXD_CONF: "/conf", HOME: "/root" })).toEqual([
      "/conf/config.yml",
      "/root/snap/lxd/common/config/config.yml",
      "/root/.config/lxc/config.yml",
    ]);
    expect(remoteConfigPlaces({})).toEqual([]);
  });
});
