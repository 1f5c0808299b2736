export declare class Variables {
  #private;
  get(name: string): string | undefined;
  setDynamic(name: string, read: () => string): void;
  set(name: string, value: string): void;
  /** `set -a` */
  exportAll: boolean;
  unset(name: string): void;
  mark(name: string, how: "exported" | "readonly", on?: boolean): void;
  is(name: string, how: "exported" | "readonly"): boolean;
  names(): string[];
  environment(): Map<string, string>;
  enterScope(): void;
  leaveScope(): void;
  /** Returns false outside of a function. */
  makeLocal(name: string): boolean;
  /** For a subshell. */
  fork(): Variables;
}
