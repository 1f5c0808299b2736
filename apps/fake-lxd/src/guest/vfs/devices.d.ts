import { OpenFile } from "../core/open-file.ts";
import { type Asker } from "./types.ts";
export declare const deviceNumbers: {
  readonly null: number;
  readonly zero: number;
  readonly full: number;
  readonly random: number;
  readonly urandom: number;
  readonly tty: number;
  readonly console: number;
};
export declare function openDevice(rdev: number, flags: number, asker: Asker): OpenFile;
/** /dev/null for those who have no other stdin, stdout or stderr. */
export declare function nullDevice(flags: number): OpenFile;
