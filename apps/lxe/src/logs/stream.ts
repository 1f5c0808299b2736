/** The two output streams of a container. */
export const STREAMS = ["stdout", "stderr"] as const;
export type StreamName = (typeof STREAMS)[number];
