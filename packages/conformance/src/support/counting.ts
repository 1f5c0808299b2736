/** A log that shows by itself whether a line is missing or doubled. */

/** A script that writes numbered lines for ever. */
export const COUNT = "i=0; while true; do echo line $i; i=$((i+1)); usleep 1000; done";

/** Throws unless the text is the lines of {@link COUNT} from 0 on, each once and in order. */
export function expectCounted(text: string): void {
  const lines = text.split("\n").slice(0, -1);
  if (lines.length === 0) throw new Error("no line was counted");
  const wrong = lines.findIndex((line, index) => line !== `line ${index}`);
  if (wrong !== -1) throw new Error(`of ${lines.length} lines number ${wrong} is ${JSON.stringify(lines[wrong])}`);
}
