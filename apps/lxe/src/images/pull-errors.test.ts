import { NotFoundError, UnknownError } from "@lxe/cri";
import { LxdError } from "@lxe/lxd-client";
import { describe, expect, it } from "vitest";
import { isMissing, missingLocally, pullError } from "./pull-errors.ts";
import { BUILT_IN_REMOTES, type ImageServer } from "./remotes.ts";

const server: ImageServer = {
  kind: "server",
  name: "mirror",
  address: "https://mirror.example",
  protocol: "simplestreams",
  certificate: undefined,
};

function said(lxdMessage: string): LxdError {
  return new LxdError("failed", `POST /1.0/images: ${lxdMessage}`, { lxdMessage });
}

const GET = 'Get "https://mirror.example/streams/v1/index.json"';
const PARSING = "Failed getting remote image info: Failed getting image: Failed parsing stream";

describe("what LXD says of a failed download", () => {
  it.each([
    "Failed getting remote image info: Failed getting image: The requested image couldn't be found",
    "Failed getting remote image info: Image not found",
  ])("is a missing image: %s", (text) => {
    expect(isMissing(said(text))).toBe(true);
  });

  it.each([
    `${PARSING}: Unable to fetch https://mirror.example/streams/v1/index.json: 404 Not Found`,
    `${PARSING}: ${GET}: x509: certificate signed by unknown authority`,
  ])("is neither a missing image nor an absent server: %s", (text) => {
    expect(isMissing(said(text))).toBe(false);
    expect(pullError(said(text), server, "mirror/x")).toMatchObject({
      message: `cannot pull mirror/x from https://mirror.example (remote "mirror"): ${text}`,
    });
  });

  it.each([
    `${PARSING}: ${GET}: dial tcp 127.0.0.1:1: connect: connection refused`,
    `${PARSING}: ${GET}: lookup mirror.example on 10.255.255.53:53: no such host`,
    `${PARSING}: ${GET}: net/http: TLS handshake timeout`,
    `${PARSING}: Unable to fetch https://mirror.example/streams/v1/index.json: 503 Service Unavailable`,
    'Failed to connect to LXD server "https://m:1": Get "https://m:1/1.0": Unable to connect to: 127.0.0.1:1 ([dial tcp 127.0.0.1:1: connect: connection refused])',
  ])("is an absent server: %s", (text) => {
    const error = pullError(said(text), server, "mirror/x");
    expect(error).toBeInstanceOf(UnknownError);
    expect(error).toMatchObject({ message: expect.stringMatching(/^RegistryUnavailable: cannot pull mirror\/x: /u) });
  });

  it("stays as it is when LXD itself could not be asked", () => {
    const away = new LxdError("unavailable", "POST /1.0/images: connect ECONNREFUSED");
    expect(pullError(away, server, "mirror/x")).toBe(away);
    expect(isMissing(away)).toBe(false);
  });
});

describe("a reference that means nothing here", () => {
  it("is answered with the names that were probably meant", () => {
    const error = missingLocally("ubunut/jammy:latest", ["ubuntu/jammy:latest", "other:1"], BUILT_IN_REMOTES);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.message).toBe(
      "image ubunut/jammy:latest not found in LXD, and it names no remote; images here with a similar name: ubuntu/jammy:latest; " +
        "remotes with a similar name: ubuntu; known remotes: local, images, ubuntu, ubuntu-daily",
    );
  });
});
