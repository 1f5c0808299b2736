import type { OpenFile } from "./open-file.ts";
export declare class FdTable {
  #private;
  get(fd: number): OpenFile;
  find(fd: number): OpenFile | undefined;
  numbers(): number[];
  /** Puts the file at the lowest free number from `from` on. */
  add(file: OpenFile, closeOnExec?: boolean, from?: number): number;
  /** Puts the file at this number; what was there is closed. */
  set(fd: number, file: OpenFile, closeOnExec?: boolean): void;
  close(fd: number): void;
  closesOnExec(fd: number): boolean;
  setCloseOnExec(fd: number, closeOnExec: boolean): void;
  fork(): FdTable;
  exec(): void;
  closeAll(): void;
}
