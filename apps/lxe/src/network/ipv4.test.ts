import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broadcastOf, formatIpv4, nextFree, parseIpv4, parseSubnet } from "./ipv4.ts";

const address = (text: string): number => parseIpv4(text) ?? -1;

describe("an IPv4 address", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(formatIpv4(address(text))).toBe(text);
      }),
    );
  });

  it.each(["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "a.b.c.d", "1..2.3", "-1.2.3.4", "1.2.3.4 ", "::1"])(
    "is not %j",
    (text) => {
      expect(parseIpv4(text)).toBeUndefined();
    },
  );
});

describe("the subnet of a bridge", () => {
  it.each([
    { cidr: "10.78.0.1/24", first: "10.78.0.1", last: "10.78.0.254", broadcast: "10.78.0.255" },
    { cidr: "10.78.3.7/22", first: "10.78.0.1", last: "10.78.3.254", broadcast: "10.78.3.255" },
    { cidr: "192.168.0.5/30", first: "192.168.0.5", last: "192.168.0.6", broadcast: "192.168.0.7" },
    { cidr: "240.0.0.1/8", first: "240.0.0.1", last: "240.255.255.254", broadcast: "240.255.255.255" },
  ])("of $cidr is $first to $last", ({ cidr, first, last, broadcast }) => {
    const subnet = parseSubnet(cidr);
    expect(subnet && [subnet.first, subnet.last, broadcastOf(subnet)].map(formatIpv4)).toEqual([
      first,
      last,
      broadcast,
    ]);
  });

  it("is narrowed to a range", () => {
    const range = { first: address("10.78.0.100"), last: address("10.78.0.200") };
    expect(parseSubnet("10.78.0.1/24", range)).toMatchObject(range);
  });

  it.each(["none", "auto", "", "10.0.0.1", "10.0.0.1/31", "10.0.0.1/x", "fd00::1/64"])("is not %j", (cidr) => {
    expect(parseSubnet(cidr)).toBeUndefined();
  });
});

describe("the next free address", () => {
  const subnet = parseSubnet("10.0.0.5/28") ?? { gateway: 0, prefix: 28, first: 0, last: 0 };
  const all = Array.from({ length: subnet.last - subnet.first + 1 }, (_, index) => subnet.first + index);
  const start = fc.integer({ min: subnet.first - 40, max: subnet.last + 40 });

  it("is in the range, not the gateway and not used; there is one exactly if any is free", () => {
    fc.assert(
      fc.property(fc.subarray(all), start, (taken, from) => {
        const used = new Set(taken);
        const free = all.filter((candidate) => candidate !== subnet.gateway && !used.has(candidate));
        const found = nextFree(subnet, from, used);
        expect(free.length === 0 ? [undefined] : free).toContain(found);
      }),
    );
  });

  it("is the first from the start on, so that a released one is not given out at once", () => {
    expect(nextFree(subnet, subnet.last, new Set([subnet.last]))).toBe(subnet.first);
    expect(nextFree(subnet, subnet.first + 2, new Set())).toBe(subnet.first + 2);
    expect(nextFree(subnet, subnet.gateway, new Set())).toBe(subnet.gateway + 1);
  });

  it("is none in an empty range", () => {
    expect(nextFree({ ...subnet, last: subnet.first - 1 }, subnet.first, new Set())).toBeUndefined();
  });
});
