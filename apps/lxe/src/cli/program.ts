/** The command line: commands and their options. What they do is elsewhere. */
import { Command } from "commander";
import { checkOnHost } from "../config/host-check.ts";
import { ConfigError } from "../config/load.ts";
import { showConfig } from "../config/show.ts";
import { VERSION } from "../platform/version.ts";
import { addConfigOptions } from "./options.ts";
import { readConfig } from "./read-config.ts";

type Options = Readonly<Record<string, unknown>>;

async function runServe(options: Options): Promise<void> {
  const { config } = await readConfig(options);
  // Only this command needs all of lxe.
  const { serve } = await import("./serve.ts");
  await serve(config);
}

async function validate(options: Options): Promise<void> {
  const { config } = await readConfig(options);
  const problems = await checkOnHost(config);
  if (problems.length > 0) throw new ConfigError(problems);
  process.stdout.write("the configuration is valid\n");
}

/** Exit code 1 where pods will not run. */
async function doctor(options: Options): Promise<void> {
  const { config } = await readConfig(options);
  const { diagnose } = await import("./doctor.ts");
  const findings = await diagnose(config, process.env);
  for (const { kind, text } of findings) process.stdout.write(`${kind.padEnd(7)}  ${text}\n`);
  if (findings.some(({ kind }) => kind === "problem")) process.exitCode = 1;
}

async function show(options: Options): Promise<void> {
  process.stdout.write(showConfig(await readConfig(options)));
}

function showVersion({ json }: Options): void {
  process.stdout.write(json === true ? `${JSON.stringify({ version: VERSION })}\n` : `lxe ${VERSION}\n`);
}

export function createProgram(): Command {
  const program = new Command("lxe").description("Runs the pods of a Kubernetes node on LXD or Incus.");
  addConfigOptions(program.command("serve").description("run the daemon")).action(runServe);
  addConfigOptions(program.command("doctor").description("look for what this node lacks")).action(doctor);
  const config = program.command("config").description("look at the configuration");
  addConfigOptions(config.command("show").description("print the effective configuration")).action(show);
  addConfigOptions(config.command("validate").description("check the configuration against this host")).action(
    validate,
  );
  const version = program.command("version").description("print the version").option("--json", "as JSON");
  version.action(showVersion);
  return program;
}
