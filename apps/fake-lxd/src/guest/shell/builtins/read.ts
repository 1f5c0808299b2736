/** read */
import { isErrno } from "../../core/errno.ts";
import { parseOptions } from "../../applets/lib/options.ts";
import { readFd, writeFd } from "../../sys/io.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "../shell.ts";

interface Line {
  /** Characters; `literal` ones were behind a backslash. */
  chars: { char: string; literal: boolean }[];
  complete: boolean;
}

export const read: Builtin = async (shell, args) => {
  const options = parseOptions(args, "+rp:n:t:u:sd:");
  const prompt = options.value("p");
  const fd = Number(options.value("u") ?? 0);
  if (prompt !== undefined) await writeFd(shell.process, 2, prompt);
  const tty = options.has("s") ? shell.process.fds.find(fd)?.tty : undefined;
  if (tty) tty.modes.echo = false;
  try {
    const limit = Number(options.value("n") ?? Number.POSITIVE_INFINITY);
    const delimiter = options.value("d")?.slice(0, 1) ?? "\n";
    const seconds = options.value("t");
    const line = await withTimeout(shell, seconds, readLine(shell, fd, { raw: options.has("r"), limit, delimiter }));
    assign(shell, line, options.operands);
    return line.complete ? 0 : 1;
  } catch (error) {
    if (isErrno(error, "EINTR")) return 128 + (shell.traps.nextPending ?? 0);
    throw error;
  } finally {
    if (tty) tty.modes.echo = true;
  }
};

async function withTimeout(shell: Shell, seconds: string | undefined, line: Promise<Line>): Promise<Line> {
  if (seconds === undefined) return line;
  const nothing: Line = { chars: [], complete: false };
  let timer: Disposable | undefined;
  const late = new Promise<Line>((resolve) => {
    timer = shell.process.machine.clock.setTimer(Number(seconds) * 1000, () => resolve(nothing));
  });
  line.catch(() => {});
  try {
    return await Promise.race([line, late]);
  } finally {
    timer?.[Symbol.dispose]();
  }
}

/** One byte at a time: what is behind the line belongs to the next reader. */
async function readLine(
  shell: Shell,
  fd: number,
  options: { raw: boolean; limit: number; delimiter: string },
): Promise<Line> {
  const chars: Line["chars"] = [];
  for (let literal = false; chars.length < options.limit; ) {
    const byte = await readFd(shell.process, fd, 1);
    if (byte.length === 0) return { chars, complete: false };
    const char = byte.toString("latin1");
    if (literal) {
      if (char !== "\n") chars.push({ char, literal: true });
      literal = false;
    } else if (char === options.delimiter) break;
    else if (char === "\\" && !options.raw) literal = true;
    else if (char !== "\0") chars.push({ char, literal: false });
  }
  return { chars, complete: true };
}

function assign(shell: Shell, { chars }: Line, names: string[]): void {
  const ifs = shell.variables.get("IFS") ?? " \t\n";
  if (names.length === 0) return shell.variables.set("REPLY", chars.map(({ char }) => char).join(""));
  const rest = [...chars];
  const isSeparator = (one: { char: string; literal: boolean } | undefined) =>
    one !== undefined && !one.literal && ifs.includes(one.char);
  const isBlank = (one: { char: string; literal: boolean } | undefined) =>
    isSeparator(one) && " \t\n".includes(one?.char ?? "");
  for (const [index, name] of names.entries()) {
    while (isBlank(rest[0])) rest.shift();
    if (index === names.length - 1) {
      while (isBlank(rest.at(-1))) rest.pop();
      // One separator at the very end closes the last field and is no part of it.
      const others = rest.filter(isSeparator);
      if (others.length === 1 && isSeparator(rest.at(-1)) && !isBlank(rest.at(-1))) rest.pop();
      shell.variables.set(
        name,
        rest
          .splice(0)
          .map(({ char }) => char)
          .join(""),
      );
      break;
    }
    let value = "";
    while (rest.length > 0 && !isSeparator(rest[0])) value += rest.shift()?.char ?? "";
    while (isBlank(rest[0])) rest.shift();
    if (isSeparator(rest[0])) rest.shift();
    shell.variables.set(name, value);
  }
}
