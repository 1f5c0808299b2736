import type { ImageExport } from "../api/images.ts";
import type { CallOptions } from "../api/options.ts";
import type { HttpHeaders } from "../transport/http.ts";
import type { Rest } from "../transport/rest.ts";
import { path } from "./access.ts";

export async function exportImage(
  rest: Rest,
  fingerprint: string,
  options: CallOptions | undefined,
): Promise<ImageExport> {
  const reply = await rest.download({ method: "GET", path: path("images", fingerprint, "export") }, options);
  const length = header(reply.headers, "content-length");
  return {
    contentType: header(reply.headers, "content-type") ?? "application/octet-stream",
    filename: /filename="?([^";]+)"?/.exec(header(reply.headers, "content-disposition") ?? "")?.[1],
    contentLength: length === undefined ? undefined : Number(length),
    content: reply.body,
  };
}

function header(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}
