/** Images on an LXD behind a socket, with a registry of the test's own. */
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createSystemRandom } from "../../../platform/random.ts";
import { temporaryDirectory } from "../../../platform/testing/temporary-directory.ts";
import { type ImagesFixture, openImages } from "../../testing/images-fixture.ts";
import { OCI_LIMITS, type OciLimits } from "../limits.ts";
import { nodePlatform } from "../manifest/platform.ts";
import { startTestRegistry, type TestRegistry } from "./test-registry.ts";

export interface OciFixture extends AsyncDisposable {
  readonly fixture: ImagesFixture;
  readonly registry: TestRegistry;
  /** Where downloads lie. */
  readonly spoolDirectory: string;
  /** What downloads have left there. */
  leftOvers(): Promise<string[]>;
}

/** `limits` are small where a test wants to hit them; pauses are short. */
export async function openOciImages(socketPath: string, limits: Partial<OciLimits> = {}): Promise<OciFixture> {
  const directory = await temporaryDirectory();
  const spoolDirectory = join(directory.path, "pulls");
  const node = nodePlatform("x86_64");
  if (node === undefined) throw new Error("x86_64 is known");
  const fixture = await openImages(socketPath, "local", {
    random: createSystemRandom(),
    environment: {},
    configDirectory: undefined,
    limits: { ...OCI_LIMITS, retryMsMin: 1, retryMsMax: 2, ...limits },
    node,
    spoolDirectory,
  });
  const registry = await startTestRegistry();
  return {
    fixture,
    registry,
    spoolDirectory,
    leftOvers: () => readdir(spoolDirectory).catch(() => []),
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** LXD reuses an image that any project has, so each test makes its own. */
export function uniqueText(): string {
  return randomBytes(6).toString("hex");
}
