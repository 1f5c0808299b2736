import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Assembler, readFailure } from "./assemble.ts";
import { machineFor } from "./machine.ts";
import { becomeApp, PURPOSES, type ProcessSpec, reportFailure } from "./process.ts";

const machine = machineFor(process.arch === "arm64" ? "aarch64" : "x86_64");
if (!machine) throw new Error("no machine");
const root = process.getuid?.() === 0;

/** Builds a program that becomes `spec`'s command and runs it here; the failure report lands in `failed`. */
function run(spec: Partial<ProcessSpec> & Pick<ProcessSpec, "argv">) {
  const directory = mkdtempSync(join(tmpdir(), "lxe-init-"));
  try {
    const asm = new Assembler(machine as NonNullable<typeof machine>);
    const fail = asm.label("fail");
    becomeApp(asm, { env: [], cwd: "/", uid: 0, gid: 0, groups: [], ...spec }, fail);
    asm.place(fail);
    reportFailure(asm, asm.cell(), join(directory, "failed"));
    const program = asm.build();
    writeFileSync(join(directory, "init"), program, { mode: 0o755 });
    const result = spawnSync(join(directory, "init"), { env: {}, encoding: "buffer" });
    const report = result.status === 127 ? readFileSync(join(directory, "failed")) : undefined;
    return {
      status: result.status,
      stdout: result.stdout,
      failure: report && readFailure(program, machine as NonNullable<typeof machine>, report),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe.skipIf(!root)("an init program on this machine", () => {
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

describe("the assembler", () => {
  it("refuses a NUL byte in a string for the kernel", () => {
    expect(() => new Assembler(machine).string("a\0b")).toThrow("NUL");
  });

  it("refuses a jump to a label that was never placed", () => {
    const asm = new Assembler(machine);
    asm.step("getpid", [], { onError: asm.label("lost") });
    expect(() => asm.build()).toThrow("lost");
  });
});
