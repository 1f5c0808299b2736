/** Times as Go prints them: RFC 3339 with up to nine decimals, trailing zeros left out, always UTC here. */
/** Go's zero time. */
export declare const zeroTime = "0001-01-01T00:00:00Z";
/** What LXD 5.0 shows for "never" where its database holds a zero. */
export declare const epochTime = "1970-01-01T00:00:00Z";
export declare function formatTime(milliseconds: number): string;
/** The stamp of liblxc's log lines: YYYYMMDDHHMMSS.mmm */
export declare function logTime(milliseconds: number): string;
