/** A word that the shell reads back as exactly these bytes. */
export declare function shellQuote(bytes: string): string;
