/** A word that the shell reads back as exactly these bytes. */
export function shellQuote(bytes: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(bytes) ? bytes : `'${bytes.replaceAll("'", "'\\''")}'`;
}
