/** critest itself, and the images that it pulls: made once for each version of what they are made from, then kept. */
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { goProgram, runGo } from "../support/go.ts";
import { CRITEST_DIRECTORY } from "../support/paths.ts";
import { cached } from "../support/tool-cache.ts";
import { findProgram, runProgram } from "../support/program.ts";

const PACKAGE = "sigs.k8s.io/cri-tools/cmd/critest";
const IMAGES_SCRIPT = join(CRITEST_DIRECTORY, "images.sh");
const INSTALL_SCRIPT = "packages/conformance/critest/install.sh";
/** What images are made with, and what serves them. */
const IMAGE_PROGRAMS = [
  "umoci",
  "skopeo",
  "docker-registry",
  "nginx",
  "apache2",
  "gcc",
  "dpkg",
  "curl",
  "pgrep",
  "ipcs",
];

/** Why critest cannot be had here; undefined: it can. */
export function noCritestReason(): string | undefined {
  if (process.platform !== "linux") return "critest's images need Linux";
  if (process.getuid?.() !== 0) return "critest needs root: it mounts things, and its images hold files of root";
  const missing = [...(goProgram() === undefined ? ["go"] : []), ...missingPrograms()];
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")} (${INSTALL_SCRIPT}, on Debian)`;
}

/** Only what is not in the cache has to be made. */
function missingPrograms(): string[] {
  return IMAGE_PROGRAMS.filter((program) => findProgram(program) === undefined);
}

/** The path of critest. */
export function critestProgram(step: (text: string) => void): Promise<string> {
  return cached("critest", CRITEST_DIRECTORY, ["go.mod", "go.sum"], async (path) => {
    step("building critest, once: some minutes");
    await runGo(["test", "-c", "-o", path, PACKAGE], CRITEST_DIRECTORY);
  });
}

/** The directory of a registry's storage that has the images. */
export function critestImages(step: (text: string) => void): Promise<string> {
  return cached("critest-images", CRITEST_DIRECTORY, ["images.sh"], async (path) => {
    step("making critest's images, once");
    await runProgram(IMAGES_SCRIPT, ["build", path], { env: { ...process.env, PORT: String(await freePort()) } });
  });
}
