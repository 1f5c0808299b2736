/** Variables of a shell, with `local` scopes. */
import { ShellError } from "./control.ts";

interface Variable {
  /** Undefined: declared (exported, read-only) without a value. */
  value: string | undefined;
  exported: boolean;
  readonly: boolean;
}

export class Variables {
  readonly #all = new Map<string, Variable>();
  /** What local declarations of the running functions hide. */
  readonly #scopes: Map<string, Variable | undefined>[] = [];
  /** Called for names whose value means something to the shell (PATH, RANDOM, ...). */
  readonly #dynamic = new Map<string, () => string>();

  get(name: string): string | undefined {
    return this.#dynamic.get(name)?.() ?? this.#all.get(name)?.value;
  }

  setDynamic(name: string, read: () => string): void {
    this.#dynamic.set(name, read);
  }

  set(name: string, value: string): void {
    const known = this.#all.get(name);
    if (known?.readonly) throw new ShellError(`${name}: is read only`);
    this.#dynamic.delete(name);
    if (known) known.value = value;
    else this.#all.set(name, { value, exported: this.exportAll, readonly: false });
    if (this.exportAll && known) known.exported = true;
  }

  /** `set -a` */
  exportAll = false;

  unset(name: string): void {
    if (this.#all.get(name)?.readonly) throw new ShellError(`${name}: is read only`);
    this.#all.delete(name);
    this.#dynamic.delete(name);
  }

  mark(name: string, how: "exported" | "readonly", on = true): void {
    const known = this.#all.get(name) ?? { value: undefined, exported: false, readonly: false };
    known[how] = on;
    this.#all.set(name, known);
  }

  is(name: string, how: "exported" | "readonly"): boolean {
    return this.#all.get(name)?.[how] ?? false;
  }

  names(): string[] {
    return [...this.#all.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  }

  environment(): Map<string, string> {
    const exported = new Map<string, string>();
    for (const [name, { value, exported: isExported }] of this.#all)
      if (isExported && value !== undefined) exported.set(name, value);
    return exported;
  }

  enterScope(): void {
    this.#scopes.push(new Map());
  }

  leaveScope(): void {
    for (const [name, hidden] of this.#scopes.pop() ?? []) {
      if (hidden) this.#all.set(name, hidden);
      else this.#all.delete(name);
    }
  }

  /** Returns false outside of a function. */
  makeLocal(name: string): boolean {
    const scope = this.#scopes.at(-1);
    if (!scope) return false;
    const hidden = this.#all.get(name);
    if (!scope.has(name)) scope.set(name, hidden);
    this.#all.set(name, { value: undefined, exported: hidden?.exported ?? false, readonly: false });
    return true;
  }

  /** For a subshell. */
  fork(): Variables {
    const copy = new Variables();
    for (const [name, variable] of this.#all) copy.#all.set(name, { ...variable });
    for (const [name, read] of this.#dynamic) copy.#dynamic.set(name, read);
    for (const scope of this.#scopes) copy.#scopes.push(new Map(scope));
    copy.exportAll = this.exportAll;
    return copy;
  }
}
