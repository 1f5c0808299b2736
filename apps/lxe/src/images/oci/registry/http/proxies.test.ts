import { describe, expect, it } from "vitest";
import { proxyFor } from "./proxies.ts";

const proxies = { HTTP_PROXY: "http://plain.proxy:1", HTTPS_PROXY: "secure.proxy:2" };

describe("a proxy", () => {
  it("is that of the scheme, by either spelling of the variable", () => {
    expect(proxyFor(new URL("http://reg.example/"), proxies)?.href).toBe("http://plain.proxy:1/");
    expect(proxyFor(new URL("https://reg.example/"), proxies)?.href).toBe("http://secure.proxy:2/");
    expect(proxyFor(new URL("https://reg.example/"), { https_proxy: "http://a" })?.host).toBe("a");
    expect(proxyFor(new URL("https://reg.example/"), { HTTP_PROXY: "http://a" })).toBeUndefined();
    expect(proxyFor(new URL("https://reg.example/"), {})).toBeUndefined();
  });

  it.each(["http://localhost:5000/", "http://127.0.0.1:5000/", "https://[::1]/"])("is not used for %s", (url) => {
    expect(proxyFor(new URL(url), proxies)).toBeUndefined();
  });

  it.each([
    ["reg.example", "https://reg.example/", true],
    ["example", "https://reg.example/", true],
    [".example", "https://reg.example/", true],
    ["*.example", "https://reg.example/", true],
    ["other.example, reg.example", "https://reg.example/", true],
    ["reg.example:443", "https://reg.example/", true],
    ["reg.example:5000", "https://reg.example/", false],
    ["eg.example", "https://reg.example/", false],
    ["*", "https://reg.example/", true],
    ["10.0.0.0/8", "http://10.1.2.3:5000/", true],
    ["10.0.0.0/8", "http://11.1.2.3:5000/", false],
    ["10.0.0.0/99", "http://10.1.2.3:5000/", false],
    ["10.1.2.3", "http://10.1.2.3:5000/", true],
    ["2.3", "http://10.1.2.3:5000/", false],
    ["fd00::/8", "http://[fd00::1]/", true],
    ["fd00::1", "http://[fd00::1]/", true],
  ])("is left out by NO_PROXY=%s for %s: %s", (list, url, out) => {
    expect(proxyFor(new URL(url), { ...proxies, NO_PROXY: list }) === undefined).toBe(out);
  });
});
