/** A short text of a command, for `jobs`. */
import type { Chain, Command, Pipeline, Word } from "./ast.ts";

function wordText(word: Word): string {
  return word
    .map((part) => {
      if (part.kind === "text") return part.text;
      if (part.kind === "parameter") return part.operator === null ? `$${part.name}` : `\${${part.name}...}`;
      return part.kind === "command" ? "$(...)" : "$((...))";
    })
    .join("");
}

function commandText(command: Command): string {
  if (command.kind === "function") return `${command.name}()`;
  if (command.kind === "simple") {
    const assigned = command.assignments.map(({ name, value }) => `${name}=${wordText(value)}`);
    return [...assigned, ...command.words.map(wordText)].join(" ");
  }
  return command.body.kind === "subshell"
    ? "( ... )"
    : command.body.kind === "group"
      ? "{ ... }"
      : `${command.body.kind} ...`;
}

function pipelineText({ commands, negated }: Pipeline): string {
  return `${negated ? "! " : ""}${commands.map(commandText).join(" | ")}`;
}

export function sourceOf({ first, rest }: Chain): string {
  return [pipelineText(first), ...rest.map(({ operator, pipeline }) => `${operator} ${pipelineText(pipeline)}`)].join(
    " ",
  );
}
