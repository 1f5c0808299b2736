import type { Applet } from "./lib/applet.ts";
import { unescape } from "./lib/escapes.ts";

export const echo: Applet = async (io, args) => {
  const rest = [...args];
  let newline = true;
  let escapes = false;
  while (/^-[neE]+$/.test(rest[0] ?? "")) {
    for (const letter of (rest.shift() ?? "").slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
  }
  const text = rest.join(" ");
  if (!escapes) {
    await io.out(`${text}${newline ? "\n" : ""}`);
    return 0;
  }
  const { text: shown, stopped } = unescape(text, true);
  await io.out(`${shown}${newline && !stopped ? "\n" : ""}`);
  return 0;
};
