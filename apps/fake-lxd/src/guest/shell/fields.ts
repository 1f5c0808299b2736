/** Field splitting and quote removal. */

/** A stretch of an expanded word. */
export interface Piece {
  text: string;
  /** No splitting, no patterns. */
  quoted: boolean;
  /** The result of an expansion: subject to splitting when unquoted. */
  expanded: boolean;
}

/** An expanded word before splitting: a list of pieces, and where `"$@"` forces a new field. */
export type Expanded = (Piece | "break")[];

/** A field as pieces that are quoted or not. */
export type Field = Piece[];

/** Splits at IFS; fields that came from nothing but empty unquoted expansions are dropped. */
export function splitFields(expanded: Expanded, ifs: string): Field[] {
  const splitter = new Splitter(ifs);
  for (const piece of expanded) splitter.add(piece);
  return splitter.end();
}

class Splitter {
  readonly #ifs: string;
  readonly #fields: Field[] = [];
  #current: Field = [];
  /** Quoted text, even empty, makes a field. */
  #exists = false;
  /** A field was ended by white space: one more separator that follows belongs to the same delimiter. */
  #afterWhite = false;

  constructor(ifs: string) {
    this.#ifs = ifs;
  }

  add(piece: Piece | "break"): void {
    if (piece === "break") return this.#exists ? this.#push() : undefined;
    if (piece.expanded && !piece.quoted) return this.#split(piece.text);
    if (piece.text !== "" || piece.quoted) this.#put(piece);
  }

  end(): Field[] {
    if (this.#exists) this.#push();
    return this.#fields;
  }

  #split(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const char = text[at] ?? "";
      if (!this.#ifs.includes(char)) continue;
      this.#putExpanded(text.slice(from, at));
      from = at + 1;
      if (" \t\n".includes(char)) this.#white();
      else this.#separator();
    }
    this.#putExpanded(text.slice(from));
  }

  #white(): void {
    if (!this.#exists) return;
    this.#push();
    this.#afterWhite = true;
  }

  #separator(): void {
    if (this.#exists || !this.#afterWhite) this.#push();
    this.#afterWhite = false;
  }

  #putExpanded(text: string): void {
    if (text !== "") this.#put({ text, quoted: false, expanded: true });
  }

  #put(piece: Piece): void {
    this.#current.push(piece);
    this.#exists = true;
    this.#afterWhite = false;
  }

  #push(): void {
    this.#fields.push(this.#current);
    this.#current = [];
    this.#exists = false;
  }
}

export function fieldText(field: Field): string {
  return field.map(({ text }) => text).join("");
}
