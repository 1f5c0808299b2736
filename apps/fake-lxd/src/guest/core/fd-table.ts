/** The file descriptors of one process. */
import { Errno } from "./errno.ts";
import type { OpenFile } from "./open-file.ts";

const descriptorsMax = 1024;

interface Descriptor {
  file: OpenFile;
  closeOnExec: boolean;
}

export class FdTable {
  readonly #open = new Map<number, Descriptor>();

  get(fd: number): OpenFile {
    const descriptor = this.#open.get(fd);
    if (!descriptor) throw new Errno("EBADF");
    return descriptor.file;
  }

  find(fd: number): OpenFile | undefined {
    return this.#open.get(fd)?.file;
  }

  numbers(): number[] {
    return [...this.#open.keys()].toSorted((a, b) => a - b);
  }

  /** Puts the file at the lowest free number from `from` on. */
  add(file: OpenFile, closeOnExec = false, from = 0): number {
    let fd = from;
    while (this.#open.has(fd)) fd++;
    if (fd >= descriptorsMax) throw new Errno("EMFILE");
    this.#open.set(fd, { file: file.acquire(), closeOnExec });
    return fd;
  }

  /** Puts the file at this number; what was there is closed. */
  set(fd: number, file: OpenFile, closeOnExec = false): void {
    if (fd < 0 || fd >= descriptorsMax) throw new Errno("EBADF");
    file.acquire();
    this.#open.get(fd)?.file.release();
    this.#open.set(fd, { file, closeOnExec });
  }

  close(fd: number): void {
    const descriptor = this.#open.get(fd);
    if (!descriptor) throw new Errno("EBADF");
    this.#open.delete(fd);
    descriptor.file.release();
  }

  closesOnExec(fd: number): boolean {
    return this.#open.get(fd)?.closeOnExec ?? false;
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    const descriptor = this.#open.get(fd);
    if (!descriptor) throw new Errno("EBADF");
    descriptor.closeOnExec = closeOnExec;
  }

  fork(): FdTable {
    const copy = new FdTable();
    for (const [fd, { file, closeOnExec }] of this.#open) copy.#open.set(fd, { file: file.acquire(), closeOnExec });
    return copy;
  }

  exec(): void {
    for (const [fd, { closeOnExec }] of this.#open) if (closeOnExec) this.close(fd);
  }

  closeAll(): void {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const { file } of files) file.release();
  }
}
