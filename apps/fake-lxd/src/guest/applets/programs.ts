/**
 * Programs of images that are no applets of busybox: what stands in for the real ones, which cannot be executed here. They do what the
 * images of Kubernetes' own tests need of them, and no more.
 */
import { isErrno } from "../core/errno.ts";
import { O_CREAT, O_TRUNC, O_WRONLY } from "../core/open-file.ts";
import type { Process } from "../core/process.ts";
import { SIGINT, SIGQUIT, SIGTERM } from "../core/signals.ts";
import { readFile, writeFd, writeFile } from "../sys/io.ts";
import { type Applet, Failure } from "./lib/applet.ts";
import { parseOptions } from "./lib/options.ts";
import { serveDirectory } from "./net/httpd.ts";

const A_DAY_MS = 86_400_000;

/** The first process of a pod: waits. */
const pause: Applet = ({ process }) =>
  untilToldToEnd(process, async () => {
    for (;;) await process.sleepMs(A_DAY_MS);
  });

/** Serves one directory on one port, as its configuration says. */
const nginx: Applet = async (io, args) => {
  const options = parseOptions(args, "g:c:p:e:t");
  const config = await readFile(io.process, options.value("c") ?? "/etc/nginx/nginx.conf");
  const directive = (name: string): string | undefined => new RegExp(`\\b${name}\\s+([^;]+);`, "u").exec(config)?.[1];
  const pidFile = directive("pid");
  if (pidFile !== undefined) await writePid(io.process, pidFile);
  io.process.argv = [`nginx: master process nginx ${args.join(" ")}`.trimEnd()];
  const [root = "/usr/share/nginx/html", port = "80"] = [directive("root"), directive("listen")];
  return untilToldToEnd(io.process, () => serveDirectory(io.process, root, "0.0.0.0", Number(port)));
};

const apache2: Applet = async (io, args) => {
  const options = parseOptions(args, "f:d:D:X");
  const config = await readFile(io.process, options.value("f") ?? "/etc/apache2/apache2.conf");
  const directive = (name: string): string | undefined => new RegExp(`^${name}\\s+(\\S+)`, "mu").exec(config)?.[1];
  const pidFile = directive("PidFile");
  if (pidFile !== undefined) await writePid(io.process, pidFile);
  const [root, port = "80"] = [directive("DocumentRoot"), directive("Listen")];
  if (root === undefined) throw new Failure("no DocumentRoot");
  await writeFd(io.process, 2, `[core:notice] AH00094: Command line: '${io.process.argv.join(" ")}'\n`);
  return untilToldToEnd(io.process, () => serveDirectory(io.process, root, "0.0.0.0", Number(port)));
};

/** Says whose rights it has. */
const nnp: Applet = async (io) => {
  await io.out(`Effective uid: ${io.process.credentials.euid}\n`);
  return 0;
};

export const programs: Readonly<Record<string, Applet>> = { pause, nginx, apache2, nnp };

async function untilToldToEnd(process: Process, work: () => Promise<unknown>): Promise<number> {
  let isEnding = false;
  for (const signal of [SIGTERM, SIGINT, SIGQUIT]) {
    const handler = (): void => {
      isEnding = true;
    };
    process.setDisposition(signal, { handler, restart: false });
  }
  try {
    await work();
  } catch (error) {
    if (!isEnding || !isErrno(error, "EINTR")) throw error;
  }
  return 0;
}

async function writePid(process: Process, path: string): Promise<void> {
  await writeFile(process, path, O_CREAT | O_TRUNC | O_WRONLY, `${process.pidIn(process.namespaces)}\n`);
}
