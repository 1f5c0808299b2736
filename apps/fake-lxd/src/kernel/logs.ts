/** The log directories of instances: `<LXD_DIR>/logs/<instance>`. They outlive the instance, as on a real LXD up to 5.21. */

export class LogStore {
  /** Pieces of each file. Most are written as text, and few are ever read. */
  readonly #directories = new Map<string, Map<string, (string | Uint8Array)[]>>();

  /** Directory name of an instance: other projects' are prefixed. */
  static directoryOf(project: string, instance: string): string {
    return project === "default" ? instance : `${project}_${instance}`;
  }

  /** Names, sorted. */
  list(directory: string): string[] {
    return [...(this.#directories.get(directory)?.keys() ?? [])].toSorted();
  }

  read(directory: string, file: string): Uint8Array | null {
    const chunks = this.#directories.get(directory)?.get(file);
    if (chunks === undefined) return null;
    return Buffer.concat(chunks.map((chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk)));
  }

  write(directory: string, file: string, content: string | Uint8Array): void {
    this.#files(directory).set(file, [typeof content === "string" ? content : Buffer.from(content)]);
  }

  append(directory: string, file: string, content: string | Uint8Array): void {
    const files = this.#files(directory);
    const chunks = files.get(file) ?? [];
    chunks.push(typeof content === "string" ? content : Buffer.from(content));
    files.set(file, chunks);
  }

  clear(directory: string): void {
    this.#directories.delete(directory);
  }

  remove(directory: string, file: string): void {
    this.#directories.get(directory)?.delete(file);
  }

  /** The earlier run's log moves out of the way. */
  rotate(directory: string, file: string): void {
    const files = this.#files(directory);
    const content = files.get(file);
    if (content !== undefined) files.set(`${file}.old`, content);
    files.set(file, []);
  }

  renameDirectory(from: string, to: string): void {
    const files = this.#directories.get(from);
    if (files === undefined) return;
    this.#directories.delete(from);
    this.#directories.set(to, files);
  }

  #files(directory: string): Map<string, (string | Uint8Array)[]> {
    const files = this.#directories.get(directory) ?? new Map<string, (string | Uint8Array)[]>();
    this.#directories.set(directory, files);
    return files;
  }
}
