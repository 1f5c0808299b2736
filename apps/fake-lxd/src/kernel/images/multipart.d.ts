/** multipart/form-data, as images travel in it. */
export interface Part {
    name: string;
    filename: string;
    content: Uint8Array;
}
export declare function boundaryOf(contentType: string): string | undefined;
/** Parts in order; empty when it is no multipart body. */
export declare function parseMultipart(body: Buffer, contentType: string): Part[];
export declare function renderMultipart(parts: readonly Part[], boundary: string): Buffer;
