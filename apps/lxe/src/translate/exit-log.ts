/**
 * How a container ended, read from LXC's log (level info). Facts: docs/internals/architecture.md and LXC's own words
 * `Child <pid> ended on error (N)`, `ended on signal NAME(n)`; nothing at all means exit 0, but only when the log goes on
 * after the start: a host that lost power leaves a log that ends with it. Pure: whoever reads the log again comes to the same exit.
 *
 * LXC writes the nanoseconds of a time without their leading zeros, and cuts them after three digits: "015312345" becomes ".153".
 * So what ended in the first tenth of a second seems to have ended later in that second; the log has nothing that tells the two apart.
 */

export interface LoggedExit {
  readonly code: number;
  /** The signal that killed it, if one did. */
  readonly signal: number | undefined;
  /** Nanoseconds since the epoch. Of the right second, and never too early; one of ten is too late. */
  readonly finishedAt: bigint;
}

const LINE = /^lxc \S+ (\d{14}\.\d{1,3}) +\w+ +\S+ - (?:\S+:\d+ - )?(.*)$/;
const SIGNAL_EXIT_BASE = 128;

/** Undefined when the log does not tell: the process may not have ended in order. */
export function readExitLog(text: string): LoggedExit | undefined {
  let started = false;
  let ended: LoggedExit | undefined;
  let hooks: bigint | undefined;
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, stamp = "", message = ""] = match;
    if (/^Started ".*" with pid /.test(message)) started = timeOf(stamp) !== undefined || started;
    const child = /Child <\d+> ended on (?:error \((\d+)\)|signal .*\((\d+)\))/.exec(message);
    if (child) ended = exitOf(child, timeOf(stamp)) ?? ended;
    else if (started && hooks === undefined && message.startsWith("Executing script ")) hooks = timeOf(stamp);
  }
  return ended ?? (hooks === undefined ? undefined : { code: 0, signal: undefined, finishedAt: hooks });
}

const ERRORS_MAX = 3;

/** Why LXC could not start the container, in its own words; undefined when it did start it, or says nothing. */
export function readStartErrors(text: string): string | undefined {
  const messages = text.split("\n").map((line) => ({ line, message: LINE.exec(line)?.[2] ?? "" }));
  if (messages.some(({ message }) => /^Started ".*" with pid /.test(message))) return undefined;
  const errors = messages.filter(({ line }) => / \d{14}\.\d{1,3} ERROR /.test(line)).map(({ message }) => message);
  return errors.length === 0 ? undefined : errors.slice(0, ERRORS_MAX).join("; ");
}

function exitOf([, error, signal]: RegExpExecArray, finishedAt: bigint | undefined): LoggedExit | undefined {
  if (finishedAt === undefined) return undefined;
  if (error !== undefined) return { code: Number(error), signal: undefined, finishedAt };
  return { code: SIGNAL_EXIT_BASE + Number(signal), signal: Number(signal), finishedAt };
}

/** `YYYYMMDDHHMMSS.mmm`, in UTC; undefined for what is no time: a line that a lost disk block cut. */
function timeOf(stamp: string): bigint | undefined {
  const [, year, month, day, hour, minute, second, fraction = ""] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d+)$/.exec(stamp) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(ms)) return undefined;
  // fewer than three digits were not cut: they are all nanoseconds there are
  const nanoseconds = BigInt(fraction) * (fraction.length < 3 ? 1n : 1_000_000n);
  return BigInt(ms) * 1_000_000n + nanoseconds;
}
