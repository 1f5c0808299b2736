/** SHA-256 over the JSON of the fields that LXD covers for the kind of object. */
export declare function etagOf(fields: unknown): string;
/** Throws 412 when the client expects another version. No header, no check. */
export declare function checkEtag(ifMatch: string | undefined, fields: unknown): void;
/** Maps in Go's JSON are sorted by key. */
export declare function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T>;
/** Devices by name, their options sorted, too. */
export declare function sortedDevices(devices: Readonly<Record<string, Record<string, string>>>): Record<string, Record<string, string>>;
