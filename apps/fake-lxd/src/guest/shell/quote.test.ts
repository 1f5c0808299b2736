import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, run, startGuest, type World } from "../testing/harness.ts";
import type { Guest } from "../types.ts";
import type { Word } from "./ast.ts";
import { parseScript } from "./parser.ts";
import { shellQuote } from "./quote.ts";

let world: World;
let guest: Guest;

beforeAll(async () => {
  world = createWorld();
  guest = await startGuest(world);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Byte strings without NUL, rich in characters that mean something to a shell. */
const byte = fc.oneof(
  fc.constantFrom(..."'\"\\$`{}()<>|&;*?[]~#!= \t\n".split("")),
  fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
);
const bytes = fc.array(byte, { maxLength: 24 }).map((list) => list.join(""));

function wordsOf(text: string): readonly Word[] {
  const command = parseScript(text)[0]?.chain.first.commands[0];
  return command?.kind === "simple" ? command.words : [];
}

function literal(word: Word | undefined): string {
  return (word ?? []).map((part) => (part.kind === "text" ? part.text : `<${part.kind}>`)).join("");
}

function inDoubleQuotes(text: string): string {
  return `"${text.replaceAll(/["\\$`]/g, "\\$&")}"`;
}

function withBackslashes(text: string): string {
  return text === "" ? "''" : text.replaceAll(/[^]/g, (char) => (char === "\n" ? "'\n'" : `\\${char}`));
}

test("every byte comes back from each way of quoting", () => {
  fc.assert(
    fc.property(bytes, (text) => {
      for (const quote of [(one: string) => shellQuote(one), inDoubleQuotes, withBackslashes]) {
        expect(wordsOf(`: ${quote(text)}`).map(literal)).toEqual([":", text]);
      }
    }),
  );
});

test("words stay apart when they are joined by blanks", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), (list) => {
      expect(wordsOf([":", ...list.map((one) => shellQuote(one))].join(" ")).map(literal)).toEqual([":", ...list]);
    }),
  );
});

test("any bytes reach a program through the shell's quoting and out again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 4 }), async (list) => {
      const text = `printf '%s\\0' ${list.map((one) => shellQuote(one)).join(" ")}`;
      const { stdout } = await run(world, guest, ["sh"], { stdin: `${text}\n` });
      expect(stdout).toBe(list.map((one) => `${one}\0`).join(""));
    }),
    { numRuns: 50 },
  );
});

/** Undefined when it is right. */
function errorOf(text: string): string | undefined {
  try {
    parseScript(text);
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}

const fragments = fc.constantFrom(
  "if ",
  "then ",
  "fi",
  "do ",
  "done",
  "case ",
  " in ",
  "esac",
  "<<E\n",
  "$((",
  "${",
  "$(",
);

test("the parser ends on any text", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(byte, fragments), { maxLength: 20 }), (list) => {
      expect([undefined, "ShellSyntaxError"]).toContain(errorOf(list.join("")));
    }),
  );
});
