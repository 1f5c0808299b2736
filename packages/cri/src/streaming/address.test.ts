import { describe, expect, it } from "vitest";
import { isLoopbackHost, originOf } from "./address.ts";

describe("a host", () => {
  it.each(["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LocalHost", "::ffff:127.0.0.1"])(
    "is loopback: %s",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  it.each(["0.0.0.0", "::", "10.0.0.1", "example.org", "", "127.0.0.1.example.org"])("is not loopback: %s", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe("an origin", () => {
  it("has brackets around IPv6, and loopback in place of all addresses", () => {
    expect(originOf("http", "127.0.0.1", 80)).toBe("http://127.0.0.1:80");
    expect(originOf("https", "::1", 443)).toBe("https://[::1]:443");
    expect(originOf("http", "0.0.0.0", 1)).toBe("http://127.0.0.1:1");
    expect(originOf("http", "::", 1)).toBe("http://[::1]:1");
  });
});
