/** critest itself, and the images that it pulls: made once for each version of what they are made from, then kept. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { CRITEST_DIRECTORY } from "../support/paths.ts";
import { findProgram, runProgram, searchPath } from "./program.ts";

const PACKAGE = "sigs.k8s.io/cri-tools/cmd/critest";
const IMAGES_SCRIPT = join(CRITEST_DIRECTORY, "images.sh");
const INSTALL_SCRIPT = "packages/conformance/critest/install.sh";
const HASH_DIGITS = 12;
/** Where Go is found when it is not in the PATH: its own archive's place, and Debian's. */
const GO_DIRECTORIES = ["/usr/local/go/bin", "/usr/lib/go/bin"];
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

function goProgram(): string | undefined {
  return findProgram("go", [...searchPath(), ...GO_DIRECTORIES]);
}

/** The path of critest. */
export function critestProgram(step: (text: string) => void): Promise<string> {
  return cached("critest", ["go.mod", "go.sum"], async (path) => {
    step("building critest, once: some minutes");
    // an older Go fetches the one that go.mod asks for
    const env = { ...process.env, GOTOOLCHAIN: "auto" };
    await runProgram(goProgram() ?? "go", ["test", "-c", "-o", path, PACKAGE], { cwd: CRITEST_DIRECTORY, env });
  });
}

/** The directory of a registry's storage that has the images. */
export function critestImages(step: (text: string) => void): Promise<string> {
  return cached("critest-images", ["images.sh"], async (path) => {
    step("making critest's images, once");
    await runProgram(IMAGES_SCRIPT, ["build", path], { env: { ...process.env, PORT: String(await freePort()) } });
  });
}

/** The path of something that was made from these files; `make` is called where it is not there yet, with a path beside it. */
async function cached(
  name: string,
  madeFrom: readonly string[],
  make: (path: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const file of madeFrom) hash.update(await readFile(join(CRITEST_DIRECTORY, file)));
  const path = join(cacheDirectory(), `${name}-${hash.digest("hex").slice(0, HASH_DIGITS)}`);
  if (existsSync(path)) return path;
  await mkdir(cacheDirectory(), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await make(unfinished);
  await rename(unfinished, path);
  return path;
}

function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "lxe");
}
