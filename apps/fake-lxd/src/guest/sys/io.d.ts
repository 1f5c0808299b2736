import type { Process } from "../core/process.ts";
export declare function openFd(process: Process, path: string, flags: number, mode?: number): Promise<number>;
export declare function readFd(process: Process, fd: number, max?: number): Promise<Buffer>;
/** Writes all of it. A pipe without readers means SIGPIPE, then EPIPE. */
export declare function writeFd(process: Process, fd: number, data: Buffer | string): Promise<void>;
/** Everything up to the end of the file, as a byte string. */
export declare function readAll(process: Process, fd: number): Promise<string>;
export declare function readFile(process: Process, path: string): Promise<string>;
export declare function writeFile(process: Process, path: string, flags: number, data: string): Promise<void>;
/** For `finally`: a dead process has no descriptors any more. */
export declare function closeQuietly(process: Process, fd: number): void;
export declare function pipe(process: Process): [reader: number, writer: number];
export declare function isTty(process: Process, fd: number): boolean;
