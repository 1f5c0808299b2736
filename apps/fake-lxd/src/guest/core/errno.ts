/** What a system call fails with: numbers and texts as on Linux. */
import { StacklessError } from "../../platform/stackless-error.ts";

const table = {
  EPERM: [1, "Operation not permitted"],
  ENOENT: [2, "No such file or directory"],
  ESRCH: [3, "No such process"],
  EINTR: [4, "Interrupted system call"],
  EIO: [5, "I/O error"],
  ENXIO: [6, "No such device or address"],
  E2BIG: [7, "Argument list too long"],
  ENOEXEC: [8, "Exec format error"],
  EBADF: [9, "Bad file descriptor"],
  ECHILD: [10, "No child processes"],
  EAGAIN: [11, "Resource temporarily unavailable"],
  ENOMEM: [12, "Cannot allocate memory"],
  EACCES: [13, "Permission denied"],
  EFAULT: [14, "Bad address"],
  EBUSY: [16, "Resource busy"],
  EEXIST: [17, "File exists"],
  EXDEV: [18, "Invalid cross-device link"],
  ENODEV: [19, "No such device"],
  ENOTDIR: [20, "Not a directory"],
  EISDIR: [21, "Is a directory"],
  EINVAL: [22, "Invalid argument"],
  EMFILE: [24, "No file descriptors available"],
  ENOTTY: [25, "Not a tty"],
  ETXTBSY: [26, "Text file busy"],
  EFBIG: [27, "File too large"],
  ENOSPC: [28, "No space left on device"],
  ESPIPE: [29, "Illegal seek"],
  EROFS: [30, "Read-only file system"],
  EMLINK: [31, "Too many links"],
  EPIPE: [32, "Broken pipe"],
  ENAMETOOLONG: [36, "File name too long"],
  ENOSYS: [38, "Function not implemented"],
  ENOTEMPTY: [39, "Directory not empty"],
  ELOOP: [40, "Too many levels of symbolic links"],
  ENOTSOCK: [88, "Socket operation on non-socket"],
  EPROTONOSUPPORT: [93, "Protocol not supported"],
  EOPNOTSUPP: [95, "Operation not supported"],
  EAFNOSUPPORT: [97, "Address family not supported by protocol"],
  EADDRINUSE: [98, "Address already in use"],
  EADDRNOTAVAIL: [99, "Address not available"],
  ENETUNREACH: [101, "Network is unreachable"],
  ECONNRESET: [104, "Connection reset by peer"],
  ENOTCONN: [107, "Socket not connected"],
  ETIMEDOUT: [110, "Connection timed out"],
  ECONNREFUSED: [111, "Connection refused"],
  EHOSTUNREACH: [113, "No route to host"],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrnoCode = keyof typeof table;

/** A failed system call. `code` also serves the `GuestFileError` of the contract. */
export class Errno extends StacklessError {
  readonly code: ErrnoCode;
  /** The positive number that the kernel would return negated. */
  readonly number: number;
  /** libc's text, without file names. */
  readonly text: string;

  constructor(code: ErrnoCode, about?: string) {
    const [number, text] = table[code];
    super(about === undefined ? text : `${about}: ${text}`);
    this.name = "Errno";
    this.code = code;
    this.number = number;
    this.text = text;
  }
}

/** The positive number of a failure that is told without an error. */
export function numberOf(code: ErrnoCode): number {
  return table[code][0];
}

export function isErrno(error: unknown, ...codes: ErrnoCode[]): error is Errno {
  return error instanceof Errno && (codes.length === 0 || codes.includes(error.code));
}

/** What Linux guests do not know becomes EIO. */
export function errnoOfNumber(number: number): Errno {
  const code = Object.entries(table).find(([, [known]]) => known === number)?.[0];
  return new Errno(code === undefined ? "EIO" : (code as ErrnoCode));
}

/** An error of node:fs or node:net as the guest sees it; what Linux guests do not know becomes EIO. */
export function errnoOfHost(error: unknown): Errno {
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code in table) return new Errno(code as ErrnoCode);
  return new Errno("EIO");
}
