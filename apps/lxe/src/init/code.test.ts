import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Assembler, readFailure } from "./assemble.ts";
import { killProgram } from "./exec.ts";
import { type Machine, MACHINES } from "./machine.ts";
import { pauseProgram } from "./pause.ts";
import { own, runnerFor } from "./testing/runner.ts";
import { becomeApp, PURPOSES, type ProcessSpec, reportFailure } from "./process.ts";

const root = process.getuid?.() === 0;

/** Builds a program that becomes `spec`'s command and runs it here; the failure report lands in `failed`. */
function runOn(machine: Machine, runner: readonly string[], spec: Partial<ProcessSpec> & Pick<ProcessSpec, "argv">) {
  const directory = mkdtempSync(join(tmpdir(), "lxe-init-"));
  try {
    const asm = new Assembler(machine);
    const fail = asm.label("fail");
    becomeApp(asm, { env: [], cwd: "/", uid: 0, gid: 0, groups: [], ...spec }, fail);
    asm.place(fail);
    reportFailure(asm, asm.cell(), join(directory, "failed"));
    const program = asm.build();
    writeFileSync(join(directory, "init"), program, { mode: 0o755 });
    const [file, ...args] = [...runner, join(directory, "init")];
    const result = spawnSync(file, args, { env: { PATH: process.env["PATH"] }, encoding: "buffer" });
    const report = result.status === 127 ? readFileSync(join(directory, "failed")) : undefined;
    return {
      status: result.status,
      stdout: result.stdout,
      failure: report && readFailure(program, machine, report),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe.skipIf(!root).each(MACHINES)("an init program for $architecture (as root)", (machine) => {
  const runner = runnerFor(machine);
  const run = (spec: Parameters<typeof runOn>[2]) => runOn(machine, runner ?? [], spec);

  beforeEach(({ skip }) => skip(!runner, `nothing here runs programs for ${machine.architecture}`));

  it("passes argv and environment byte for byte", () => {
    const text = fc.uint8Array({ minLength: 0, maxLength: 40 }).map((bytes) => bytes.map((byte) => byte || 1));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), text, (args, value) => {
        const argv = ["/bin/sh", "-c", 'printf "%s\\0" "$@"; cat /proc/self/environ', "sh", ...args];
        const { stdout } = run({ argv, env: [Buffer.concat([Buffer.from("A="), value])] });
        const printed = args.length > 0 ? args.map((arg) => Buffer.concat([arg, Buffer.of(0)])) : [Buffer.of(0)];
        const expected = Buffer.concat([...printed, Buffer.from("A="), value, Buffer.of(0)]);
        expect(stdout.subarray(0, expected.length)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it("runs with the ids, groups and working directory asked for", () => {
    const cwd = join(tmpdir(), `lxe-cwd-${process.pid}`, "made on the way");
    const { stdout } = run({
      argv: ["sh", "-c", "id -u; id -g; id -G; pwd"],
      uid: 1234,
      gid: 77,
      groups: [5, 77, 4242],
      cwd,
    });
    expect(stdout.toString()).toBe(`1234\n77\n77 5 4242\n${cwd}\n`);
    rmSync(join(tmpdir(), `lxe-cwd-${process.pid}`), { recursive: true });
  });

  it("keeps only the capabilities asked for, and sets no_new_privs", () => {
    const argv = ["grep", "-E", "Cap(Eff|Bnd)|NoNewPrivs", "/proc/self/status"];
    const { stdout } = run({ argv, capabilities: new Set([0, 10]), noNewPrivileges: true });
    expect(stdout.toString()).toBe("CapEff:\t0000000000000401\nCapBnd:\t0000000000000401\nNoNewPrivs:\t1\n");
  });

  it("searches PATH of the new environment", () => {
    expect(run({ argv: ["true"], env: ["PATH=/nowhere:/bin"] }).status).toBe(0);
  });

  it.each([
    [["no-such-command"], 2, "run the command"],
    [["/etc/passwd"], 13, "run the command"],
  ])("reports why %j cannot run", (argv, errno, purpose) => {
    const { failure } = run({ argv });
    expect(failure).toMatchObject({ errno, call: "execve", purpose: PURPOSES.indexOf(purpose as "run the command") });
  });

  it("reports a working directory that cannot be entered", () => {
    const { failure } = run({ argv: ["true"], cwd: "/etc/passwd" });
    expect(failure).toMatchObject({ errno: 20, call: "chdir", purpose: 2 });
  });
});

describe.each(MACHINES)("the assembler for $architecture", (machine) => {
  it("refuses a NUL byte in a string for the kernel", () => {
    expect(() => new Assembler(machine).string("a\0b")).toThrow("NUL");
  });

  it("refuses a jump to a label that was never placed", () => {
    const asm = new Assembler(machine);
    asm.step("getpid", [], { onError: asm.label("lost") });
    expect(() => asm.build()).toThrow("lost");
  });
});

/** Writes the program and starts it. */
function start(program: Buffer): ChildProcess {
  const directory = mkdtempSync(join(tmpdir(), "lxe-init-"));
  writeFileSync(join(directory, "program"), program, { mode: 0o755 });
  const child = spawn(join(directory, "program"), { stdio: "ignore" });
  child.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return child;
}

const endOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));

describe.skipIf(!root)("on this machine (as root)", () => {
  const machine = MACHINES.find(({ architecture }) => architecture === own);
  if (!machine) throw new Error(`no code for ${own}`);

  it("mounts get the attributes asked for, also those below", () => {
    const argv = ["cat", "/proc/self/mountinfo"];
    const mounts = [{ path: "/proc", attributes: ["ro", "nosuid", "nodev", "noexec"], recursive: true } as const];
    const { stdout } = runOn(machine, ["unshare", "--mount"], { argv, mounts });
    const line = stdout
      .toString()
      .split("\n")
      .find((mount) => mount.split(" ")[4] === "/proc");
    expect(line?.split(" ")[5]?.split(",")).toEqual(expect.arrayContaining(["ro", "nosuid", "nodev", "noexec"]));
  });

  it("a mount that is not there is reported", () => {
    const mounts = [{ path: "/no/such/place", attributes: ["ro"], recursive: false } as const];
    const { failure } = runOn(machine, [], { argv: ["true"], mounts });
    expect(failure).toMatchObject({
      errno: 2,
      call: "mount_setattr",
      purpose: PURPOSES.indexOf("set a mount's attributes"),
    });
  });

  it("a sandbox's program goes on until it is killed, and leaves no zombies", async () => {
    const pause = start(pauseProgram(machine));
    pause.kill("SIGCHLD");
    pause.kill("SIGCONT");
    await expect.poll(() => readFileSync(`/proc/${pause.pid}/status`, "utf8")).toMatch(/^State:\s+S/m);
    expect(readFileSync(`/proc/${pause.pid}/status`, "utf8")).toMatch(/^SigIgn:\s+0*10000$/m); // SIGCHLD
    const end = endOf(pause);
    pause.kill("SIGKILL");
    expect(await end).toBe("SIGKILL");
  });

  it("a whole group of processes ends with the program for that", async () => {
    const leader = spawn("sh", ["-c", "sleep 1000 & wait"], { detached: true, stdio: "ignore" });
    const ends = endOf(leader);
    const children = `/proc/${leader.pid}/task/${leader.pid}/children`;
    await expect.poll(() => readFileSync(children, "utf8")).toMatch(/\d/);
    const child = readFileSync(children, "utf8").trim();
    expect(await endOf(start(killProgram(machine, leader.pid ?? -1)))).toBe(0);
    expect(await ends).toBe("SIGKILL");
    await expect.poll(() => isAlive(child)).toBe(false);
  });
});

/** A dead process may stay until its parent asks for it. */
function isAlive(pid: string): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
}
