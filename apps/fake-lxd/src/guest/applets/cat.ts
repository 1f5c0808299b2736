import type { Applet } from "./lib/applet.ts";
import { parseOptions } from "./lib/options.ts";
import { fromBuffer } from "../core/bytes.ts";

export const cat: Applet = async (io, args) => {
  const options = parseOptions(args, "nbvteAu");
  const numbered = options.has("n") || options.has("b");
  const ends = options.has("e") || options.has("A");
  const tabs = options.has("t") || options.has("A");
  const visible = options.has("v") || ends || tabs;
  let line = 1;
  const good = await io.eachInput(options.operands, async (fd) => {
    if (!numbered && !visible) {
      for await (const chunk of io.chunks(fd)) await io.out(chunk);
      return;
    }
    for await (const batch of io.lines(fd)) {
      const shown = batch.map((text) => {
        const number = numbered && !(options.has("b") && text === "\n") ? `${String(line++).padStart(6)}\t` : "";
        return number + (visible ? show(text, ends, tabs) : text);
      });
      await io.out(shown.join(""));
    }
  });
  return good ? 0 : 1;
};

function show(text: string, ends: boolean, tabs: boolean): string {
  let shown = "";
  for (const byte of Buffer.from(text, "latin1")) {
    const char = fromBuffer(Buffer.from([byte]));
    if (byte === 10) shown += ends ? "$\n" : "\n";
    else if (byte === 9) shown += tabs ? "^I" : "\t";
    else if (byte < 32) shown += `^${String.fromCharCode(byte + 64)}`;
    else if (byte === 127) shown += "^?";
    else if (byte >= 128) shown += `M-${show(String.fromCharCode(byte - 128), false, true)}`;
    else shown += char;
  }
  return shown;
}
