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
export declare function splitFields(expanded: Expanded, ifs: string): Field[];
export declare function fieldText(field: Field): string;
