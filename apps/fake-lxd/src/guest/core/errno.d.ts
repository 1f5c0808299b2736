/** What a system call fails with: numbers and texts as on Linux. */
declare const table: {
  readonly EPERM: readonly [1, "Operation not permitted"];
  readonly ENOENT: readonly [2, "No such file or directory"];
  readonly ESRCH: readonly [3, "No such process"];
  readonly EINTR: readonly [4, "Interrupted system call"];
  readonly EIO: readonly [5, "I/O error"];
  readonly ENXIO: readonly [6, "No such device or address"];
  readonly E2BIG: readonly [7, "Argument list too long"];
  readonly ENOEXEC: readonly [8, "Exec format error"];
  readonly EBADF: readonly [9, "Bad file descriptor"];
  readonly ECHILD: readonly [10, "No child processes"];
  readonly EAGAIN: readonly [11, "Resource temporarily unavailable"];
  readonly ENOMEM: readonly [12, "Cannot allocate memory"];
  readonly EACCES: readonly [13, "Permission denied"];
  readonly EFAULT: readonly [14, "Bad address"];
  readonly EBUSY: readonly [16, "Resource busy"];
  readonly EEXIST: readonly [17, "File exists"];
  readonly EXDEV: readonly [18, "Invalid cross-device link"];
  readonly ENODEV: readonly [19, "No such device"];
  readonly ENOTDIR: readonly [20, "Not a directory"];
  readonly EISDIR: readonly [21, "Is a directory"];
  readonly EINVAL: readonly [22, "Invalid argument"];
  readonly EMFILE: readonly [24, "No file descriptors available"];
  readonly ENOTTY: readonly [25, "Not a tty"];
  readonly ETXTBSY: readonly [26, "Text file busy"];
  readonly EFBIG: readonly [27, "File too large"];
  readonly ENOSPC: readonly [28, "No space left on device"];
  readonly ESPIPE: readonly [29, "Illegal seek"];
  readonly EROFS: readonly [30, "Read-only file system"];
  readonly EMLINK: readonly [31, "Too many links"];
  readonly EPIPE: readonly [32, "Broken pipe"];
  readonly ENAMETOOLONG: readonly [36, "File name too long"];
  readonly ENOSYS: readonly [38, "Function not implemented"];
  readonly ENOTEMPTY: readonly [39, "Directory not empty"];
  readonly ELOOP: readonly [40, "Too many levels of symbolic links"];
  readonly ENOTSOCK: readonly [88, "Socket operation on non-socket"];
  readonly EPROTONOSUPPORT: readonly [93, "Protocol not supported"];
  readonly EOPNOTSUPP: readonly [95, "Operation not supported"];
  readonly EAFNOSUPPORT: readonly [97, "Address family not supported by protocol"];
  readonly EADDRINUSE: readonly [98, "Address already in use"];
  readonly EADDRNOTAVAIL: readonly [99, "Address not available"];
  readonly ENETUNREACH: readonly [101, "Network is unreachable"];
  readonly ECONNRESET: readonly [104, "Connection reset by peer"];
  readonly ENOTCONN: readonly [107, "Socket not connected"];
  readonly ETIMEDOUT: readonly [110, "Connection timed out"];
  readonly ECONNREFUSED: readonly [111, "Connection refused"];
  readonly EHOSTUNREACH: readonly [113, "No route to host"];
};
export type ErrnoCode = keyof typeof table;
/** A failed system call. `code` also serves the `GuestFileError` of the contract. */
export declare class Errno extends Error {
  readonly code: ErrnoCode;
  /** The positive number that the kernel would return negated. */
  readonly number: number;
  /** libc's text, without file names. */
  readonly text: string;
  constructor(code: ErrnoCode, about?: string);
}
export declare function isErrno(error: unknown, ...codes: ErrnoCode[]): error is Errno;
/** An error of node:fs or node:net as the guest sees it; what Linux guests do not know becomes EIO. */
export declare function errnoOfHost(error: unknown): Errno;
export {};
