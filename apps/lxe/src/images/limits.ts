/** Bounds of everything about images. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** A download without any progress for so long is given up: image servers can go silent, and LXD waits for ever. */
export const PULL_STALL_MS = 5 * 60_000;
/** How often an alias that changes under our hands is looked at again. */
export const ALIAS_ATTEMPTS_MAX = 5;
/** Of /etc/passwd and of /etc/group each; what is behind is not read. */
export const USERS_FILE_BYTES_MAX = MIB;
/** More than this is not written to LXD's database, only remembered. */
export const USERS_PROPERTY_BYTES_MAX = 64 * KIB;
/** Symbolic links followed for one file of an image. */
export const SYMLINKS_MAX = 8;
/** How old a measurement of the images' file system may be before it is made again. */
export const FILESYSTEM_AGE_MS = 10_000;
/** How long ImageFsInfo waits for the first measurement. */
export const FILESYSTEM_WAIT_MS = 2_000;
/** Images in one message of StreamImages. */
export const STREAM_IMAGES_MAX = 256;
