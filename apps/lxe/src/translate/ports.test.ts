import { type DeepPartial, PortMapping, Protocol } from "@lxe/cri";
import { describe, expect, it } from "vitest";
import { proxyDevices } from "./ports.ts";

type Mapping = DeepPartial<PortMapping>;
const devices = (mappings: Mapping[], ipv6 = false, address = "10.0.0.7") =>
  proxyDevices(
    mappings.map((mapping) => PortMapping.fromPartial(mapping)),
    address,
    { ipv6 },
  );
const proxy = (listen: string, connect: string) => ({ type: "proxy", bind: "host", listen, connect });

describe("port mappings", () => {
  it.each([
    {
      mapping: { hostPort: 80, containerPort: 8080 },
      expected: { "port-tcp-80": proxy("tcp:0.0.0.0:80", "tcp:10.0.0.7:8080") },
    },
    {
      mapping: { hostPort: 80, containerPort: 8080 },
      ipv6: true,
      expected: { "port-tcp-80": proxy("tcp:[::]:80", "tcp:10.0.0.7:8080") },
    },
    {
      mapping: { hostPort: 53, containerPort: 53, protocol: Protocol.UDP, hostIp: "127.0.0.1" },
      ipv6: true,
      expected: { "port-udp-53-127.0.0.1": proxy("udp:127.0.0.1:53", "udp:10.0.0.7:53") },
    },
    {
      mapping: { hostPort: 53, containerPort: 53, hostIp: "fd00::1" },
      expected: { "port-tcp-53-fd00__1": proxy("tcp:[fd00::1]:53", "tcp:10.0.0.7:53") },
    },
  ])("become a proxy: $mapping", ({ mapping, ipv6, expected }) => {
    expect(devices([mapping], ipv6)).toEqual(expected);
  });

  it("connect to an IPv6 pod in brackets", () => {
    const mapped = devices([{ hostPort: 1, containerPort: 2 }], false, "fd00::7")["port-tcp-1"];
    expect(mapped).toMatchObject({ connect: "tcp:[fd00::7]:2" });
  });

  it("only inform without a host port, whatever else they say", () => {
    expect(devices([{ containerPort: 99999, protocol: Protocol.SCTP, hostIp: "x" }])).toEqual({});
  });

  it("may name one port for two addresses and two protocols", () => {
    const port = { hostPort: 80, containerPort: 80 };
    const mapped = devices([
      { ...port, hostIp: "10.1.0.1" },
      { ...port, hostIp: "10.1.0.2" },
      { ...port, protocol: Protocol.UDP },
    ]);
    expect(Object.keys(mapped)).toHaveLength(3);
  });

  it.each<[field: string, mappings: Mapping[]]>([
    ["port_mappings.protocol", [{ hostPort: 1, containerPort: 1, protocol: Protocol.SCTP }]],
    ["port_mappings.protocol", [{ hostPort: 1, containerPort: 1, protocol: 9 as Protocol }]],
    ["port_mappings.host_port", [{ hostPort: 65536, containerPort: 1 }]],
    ["port_mappings.host_port", [{ hostPort: -1, containerPort: 1 }]],
    ["port_mappings.container_port", [{ hostPort: 1, containerPort: 0 }]],
    ["port_mappings.container_port", [{ hostPort: 1, containerPort: 65536 }]],
    ["port_mappings.host_ip", [{ hostPort: 1, containerPort: 1, hostIp: "localhost" }]],
    ["port_mappings.host_ip", [{ hostPort: 1, containerPort: 1, hostIp: "1.2.3.4:5" }]],
    [
      "port_mappings.host_port 1/tcp is mapped twice",
      [
        { hostPort: 1, containerPort: 1 },
        { hostPort: 1, containerPort: 2 },
      ],
    ],
  ])("are refused by the name of %s: %o", (field, mappings) => {
    expect(() => devices(mappings)).toThrow(field);
  });
});
