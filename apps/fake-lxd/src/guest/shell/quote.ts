/** A word that the shell reads back as exactly these bytes. */
/** `always`: with quotes, even if it needs none. */
export function shellQuote(bytes: string, always = false): string {
  return !always && /^[A-Za-z0-9_@%+=:,./-]+$/.test(bytes) ? bytes : `'${bytes.replaceAll("'", "'\\''")}'`;
}
