/** The host's memory. It stays the same, and the system is asked by reading a file. */
import { totalmem } from "node:os";

export const hostMemoryBytes = totalmem();
