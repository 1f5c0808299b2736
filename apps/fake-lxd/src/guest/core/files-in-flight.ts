/** Open files between the process that has sent them over a socket and the one that will receive them. */
import type { OpenFile } from "./open-file.ts";

export class FilesInFlight {
  readonly #sent = new Map<number, readonly OpenFile[]>();
  #next = 1;

  /** Stay open until they are received. */
  send(files: readonly OpenFile[]): number {
    const ticket = this.#next++;
    this.#sent.set(
      ticket,
      files.map((file) => file.acquire()),
    );
    return ticket;
  }

  /** The receiver releases them. */
  receive(ticket: number): readonly OpenFile[] {
    const files = this.#sent.get(ticket) ?? [];
    this.#sent.delete(ticket);
    return files;
  }
}
