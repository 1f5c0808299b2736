/** What one setting is: everything else (flags, environment, YAML, docs, the Config type) follows from it. */
import type { z } from "zod";

export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Checks a value from YAML; text from flags and environment is turned into numbers and lists before. */
  readonly schema: Schema;
  /** How to read text: as it is, as a number, or as a comma-separated list. */
  readonly text: "string" | "number" | "list";
  /** Undefined: the setting may be absent. */
  readonly defaultValue: z.infer<Schema> | undefined;
  /** Shown in place of the default where that is found out at run time. */
  readonly defaultNote?: string;
  /** One or two plain sentences, for `--help` and docs/user/config.md. */
  readonly help: string;
  /** Placeholder of the value in `--help`. */
  readonly placeholder: string;
}

/** Keeps the schema's type while checking the rest. */
export function setting<Schema extends z.ZodType>(definition: Setting<Schema>): Setting<Schema> {
  return definition;
}

export interface Section {
  readonly title: string;
  readonly settings: Readonly<Record<string, Setting>>;
}
