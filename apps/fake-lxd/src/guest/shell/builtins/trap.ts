/** trap */
import { signalName, signalNumber } from "../../core/signals.ts";
import { writeFd } from "../../sys/io.ts";
import type { Builtin } from "../shell.ts";

export const trap: Builtin = async (shell, args) => {
  const [action, ...signals] = args[0] === "--" ? args.slice(1) : args;
  if (action === undefined || action === "-p") {
    for (const [signal, command] of shell.traps.list()) {
      await writeFd(shell.process, 1, `trap -- '${command.replaceAll("'", "'\\''")}' ${signalName(signal)}\n`);
    }
    return 0;
  }
  // A first operand that is a number is a signal to reset.
  const resets = action === "-" || /^\d+$/.test(action) || signals.length === 0;
  const names = action === "-" ? signals : resets ? [action, ...signals] : signals;
  let status = 0;
  for (const name of names) {
    const signal = signalNumber(name);
    if (signal === undefined) {
      await shell.error(`trap: ${name}: invalid signal specification`);
      status = 1;
    } else if (resets) shell.traps.reset(signal);
    else shell.traps.set(signal, action);
  }
  return status;
};
