/** /dev of a guest: a small tmpfs with the usual devices and links. */
import { deviceNumbers } from "./devices.ts";
import { MemFs } from "./mem-fs.ts";

const links: Record<string, string> = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
};

export function createDevFs(now: () => number): MemFs {
  const fs = new MemFs({ now, type: "tmpfs" });
  const root = { uid: 0, gid: 0 };
  for (const [name, rdev] of Object.entries(deviceNumbers)) {
    const mode = name === "console" ? 0o620 : 0o666;
    fs.create(fs.root, name, { ...root, type: "character-device", mode, rdev });
  }
  for (const [name, target] of Object.entries(links))
    fs.create(fs.root, name, { ...root, type: "symlink", mode: 0o777, target });
  for (const name of ["shm", "mqueue", "pts"])
    fs.create(fs.root, name, { ...root, type: "directory", mode: name === "pts" ? 0o755 : 0o1777 });
  return fs;
}
