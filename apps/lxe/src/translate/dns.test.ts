import { DNSConfig } from "@lxe/cri";
import { expect, it } from "vitest";
import { hostsFile, resolvConf } from "./dns.ts";

it.each([
  { dns: {}, expected: "" },
  { dns: { servers: ["10.96.0.10", "fd00::1"] }, expected: "nameserver 10.96.0.10\nnameserver fd00::1\n" },
  { dns: { searches: ["a.b", "b"] }, expected: "search a.b b\n" },
  { dns: { options: ["ndots:5", "use-vc"] }, expected: "options ndots:5 use-vc\n" },
  {
    dns: { options: ["ndots:5"], servers: ["1.1.1.1"], searches: ["a"] },
    expected: "search a\nnameserver 1.1.1.1\noptions ndots:5\n",
  },
])("resolv.conf is $expected for $dns", ({ dns, expected }) => {
  expect(resolvConf(DNSConfig.fromPartial(dns))).toBe(expected);
});

it("the hosts file names localhost, then the pod at each of its addresses", () => {
  const lines = hostsFile("web", ["10.0.0.7", "fd00::7"]).trimEnd().split("\n");
  expect(lines[0]).toBe("127.0.0.1\tlocalhost");
  expect(lines.slice(-2)).toEqual(["10.0.0.7\tweb", "fd00::7\tweb"]);
});
