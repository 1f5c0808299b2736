/** `fake-lxd --socket PATH [--seed N] [--timing quick|real]`: a daemon in the foreground, ended by SIGINT or SIGTERM. */
import { parseArgs } from "node:util";
import { startFakeLxd } from "./fake.ts";
import type { FakeLxdOptions } from "./options.ts";

const usage = `usage: fake-lxd --socket PATH [--seed N] [--timing quick|real]

  --socket PATH   where to listen; lxc finds it by LXD_SOCKET=PATH
  --seed N        makes ids, names and addresses repeatable
  --kernel-log F  appends there what the host's /dev/kmsg would tell, such as OOM kills; lxe has the same flag
  --timing KIND   quick (default): as fast as it goes; real: as slow as LXD 5.0.2
`;

function fail(message: string): never {
  process.stderr.write(`fake-lxd: ${message}\n\n${usage}`);
  process.exit(2);
}

function parse(): FakeLxdOptions {
  const { values } = parseArgs({
    options: {
      socket: { type: "string" },
      seed: { type: "string" },
      timing: { type: "string", default: "quick" },
      "kernel-log": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const { socket, seed, timing } = values;
  if (socket === undefined) return fail("--socket is missing");
  if (seed !== undefined && !/^\d+$/.test(seed)) return fail("--seed is not a number");
  if (timing !== "quick" && timing !== "real") return fail("--timing is neither quick nor real");
  const kernelLog = values["kernel-log"];
  return {
    socketPath: socket,
    timing,
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(kernelLog !== undefined && { kernelLog }),
  };
}

function parseOrFail(): FakeLxdOptions {
  try {
    return parse();
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const fake = await startFakeLxd(parseOrFail());
process.stdout.write(`fake-lxd listens on ${fake.socketPath} (seed ${fake.seed})\n`);
const stop = () => void fake.close().then(() => process.exit(0));
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
