import { unpackTar } from "modern-tar";
import { describe, expect, it } from "vitest";
import { MACHINES } from "../init/machine.ts";
import { pauseProgram } from "../init/pause.ts";
import { createPauseTar } from "./pause-tar.ts";
import { sha256 } from "./testing/small-image.ts";

describe.each(MACHINES.map((machine) => [machine.architecture, machine] as const))(
  "the sandbox image of %s",
  (_, machine) => {
    it("is the same each time, and named by its content", async () => {
      const first = await createPauseTar(machine);
      const second = await createPauseTar(machine);
      expect(second).toEqual(first);
      expect(first.fingerprint).toBe(sha256(first.bytes));
    });

    it("holds the program as its init, executable, and directories to mount on", async () => {
      const { bytes } = await createPauseTar(machine);
      const entries = new Map((await unpackTar(bytes)).map((entry) => [entry.header.name, entry]));
      const init = entries.get("rootfs/sbin/init");
      expect(init?.header).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
      expect(Buffer.from(init?.data ?? [])).toEqual(pauseProgram(machine));
      for (const name of ["dev", "dev/shm", "proc", "sys", "etc"])
        expect([...entries.keys()]).toContain(`rootfs/${name}/`);
      const metadata = Buffer.from(entries.get("metadata.yaml")?.data ?? []).toString();
      expect(metadata).toContain(`architecture: ${machine.architecture}\n`);
      expect(new Set([...entries.values()].map(({ header }) => header.mtime?.getTime())).size).toBe(1);
    });
  },
);
