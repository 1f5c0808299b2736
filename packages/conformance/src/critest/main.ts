/**
 * `npm run critest -- [--arm fake|host] [--focus REGEX]... [--skip REGEX]... [--out DIR] [--websocket] [-- flags of critest]`:
 * Kubernetes' own test of CRI runtimes against lxe, on fake-lxd or on a real LXD. Fails on any spec that fails, but for what nobody can pass (`report.ts`).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Arm } from "../arms/arm.ts";
import { fakeArm } from "../arms/fake.ts";
import { hostArm } from "../arms/host.ts";
import { noLxdReason } from "../arms/host-lxd.ts";
import { withOwnLxd } from "../real-lxd/own-lxd.ts";
import { sweep } from "../support/sweep.ts";
import { type CritestOptions, parseOptions } from "./options.ts";
import { startPodProxy } from "./pod-proxy.ts";
import { createProgress } from "./progress.ts";
import { standInForPublicRegistries, startCritestRegistry } from "./registry.ts";
import { type GinkgoSuite, isPassed, printScoreboard, scoreboardOf } from "./report.ts";
import { critestImages, critestProgram, noCritestReason } from "./tools.ts";

/** critest asks for user namespaces that begin at id 1000. */
const OWN_LXD = {
  directory: "/tmp/lxe-critest-lxd",
  bridge: "lxecritest0",
  subnet: "10.79.64.1/24",
  moreIds: "1000:10000000",
};
const RPC_TIMEOUT = "300s";

interface Tools {
  readonly program: string;
  readonly images: string;
}

function step(text: string): void {
  console.log(`== ${text}`);
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const reason = noCritestReason() ?? (needsOwnLxd(options) ? noLxdReason() : undefined);
  if (reason !== undefined) {
    console.error(`critest cannot be run: ${reason}`);
    return 1;
  }
  const tools = { program: await critestProgram(step), images: await critestImages(step) };
  const run = (): Promise<number> => onArm(options, tools);
  return needsOwnLxd(options) ? await withOwnLxd(OWN_LXD, run) : await run();
}

function needsOwnLxd({ arm }: CritestOptions): boolean {
  return arm === "host" && !process.env["LXE_TEST_LXD_SOCKET"] && !process.env["LXE_TEST_LXD_DIR"];
}

async function onArm(options: CritestOptions, { program, images }: Tools): Promise<number> {
  const arms: Record<CritestOptions["arm"], Arm> = { fake: fakeArm, host: hostArm };
  const directory = options.out;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lxeLog = (process.env["LXE_TEST_LOG"] ??= join(directory, "lxe.log"));
  step(`starting lxe on the ${options.arm} arm, and the registry`);
  await using arm = await arms[options.arm].start();
  await using registry = await startCritestRegistry(images, directory);
  await standInForPublicRegistries(arm.registryConfigDir, registry.address);
  const report = join(directory, "report.json");
  const log = join(directory, "critest.log");
  step(`critest; its output goes to ${log}, lxe's to ${lxeLog}`);
  await using way = arm.connectToPod ? await startPodProxy(arm.connectToPod) : undefined;
  const flags = flagsOf(options, arm.endpoint, report);
  const end = await runCritest(program, flags, { cwd: directory, log, ...(way && { proxy: way.url }) });
  // specs that fail leave pods behind
  await sweep(arm);
  const suites = JSON.parse(await readFile(report, "utf8").catch(() => "[]")) as GinkgoSuite[];
  const scoreboard = scoreboardOf(suites);
  console.log(printScoreboard(scoreboard));
  if (suites.length === 0)
    console.error(`critest left no report: ${end}\n${(await readFile(log, "utf8")).slice(-4096)}`);
  return isPassed(scoreboard) ? 0 : 1;
}

function flagsOf({ focus, skip, flags }: CritestOptions, endpoint: string, report: string): string[] {
  return [
    `--runtime-endpoint=${endpoint}`,
    `--image-endpoint=${endpoint}`,
    `--runtime-service-timeout=${RPC_TIMEOUT}`,
    `--image-service-timeout=${RPC_TIMEOUT}`,
    ...focus.map((pattern) => `--ginkgo.focus=${pattern}`),
    ...skip.map((pattern) => `--ginkgo.skip=${pattern}`),
    "--ginkgo.no-color",
    "--ginkgo.v",
    `--ginkgo.json-report=${report}`,
    ...flags,
  ];
}

/** Resolves with how it ended; whether specs failed is in the report. */
async function runCritest(
  program: string,
  flags: readonly string[],
  { cwd, log: logFile, proxy }: { readonly cwd: string; readonly log: string; readonly proxy?: string },
): Promise<string> {
  const log = createWriteStream(logFile);
  const env = { ...process.env, ...(proxy !== undefined && { HTTP_PROXY: proxy }) };
  const child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"], cwd, env });
  const progress = createProgress((line) => console.log(line));
  child.stdout.setEncoding("utf8").on("data", (text: string) => progress(text));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: string | Buffer) => void log.write(text));
  const [code, signal] = await once(child, "close");
  await new Promise<void>((done) => void log.end(done));
  return `it ended with ${String(signal ?? code)}`;
}

// Ctrl-C ends critest; what was started for it is still to be ended
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error);
  process.exitCode = 1;
}
