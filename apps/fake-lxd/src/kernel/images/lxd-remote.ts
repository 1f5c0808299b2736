/** Other LXD servers as image servers. */
import { failure, within } from "../errors.ts";
import { type GetOptions, httpGet } from "./http-get.ts";
import { parseMultipart } from "./multipart.ts";
import type { RemoteImage } from "./remote.ts";

async function getMetadata(server: string, path: string, options: GetOptions): Promise<Record<string, unknown>> {
  const reply = await httpGet(`${server.replace(/\/+$/, "")}${path}`, options);
  const body = JSON.parse(reply.body.toString()) as { error?: string; metadata?: unknown };
  if (reply.status !== 200) throw failure(body.error ?? `HTTP ${reply.status}`);
  return { ...(body.metadata as Record<string, unknown>) };
}

/** `lxc` sends an alias as fingerprint, so either may be one. */
async function fingerprintFor(
  server: string,
  wanted: { alias: string; fingerprint: string },
  options: GetOptions,
): Promise<string> {
  const name = wanted.alias || wanted.fingerprint;
  try {
    const alias = await getMetadata(server, `/1.0/images/aliases/${encodeURIComponent(name)}`, options);
    return String(alias["target"]);
  } catch {
    return name;
  }
}

export async function pullFromLxd(
  server: string,
  wanted: { alias: string; fingerprint: string; secret: string },
  options: GetOptions,
): Promise<RemoteImage> {
  try {
    await getMetadata(server, "/1.0", options);
  } catch (error) {
    throw within(`Failed to connect to LXD server ${JSON.stringify(server)}`, error);
  }
  const prefix = await fingerprintFor(server, wanted, options);
  const query = wanted.secret === "" ? "" : `?secret=${wanted.secret}`;
  let info: Record<string, unknown>;
  try {
    info = await getMetadata(server, `/1.0/images/${prefix}${query}`, options);
  } catch (error) {
    throw within("Failed getting remote image info: Failed getting image", error);
  }
  const reply = await httpGet(
    `${server.replace(/\/+$/, "")}/1.0/images/${String(info["fingerprint"])}/export${query}`,
    options,
  );
  const properties = Object.entries({ ...(info["properties"] as object) }).map(([key, value]) => [key, String(value)]);
  const common = {
    fingerprint: String(info["fingerprint"]),
    filename: typeof info["filename"] === "string" ? info["filename"] : "",
    properties: Object.fromEntries(properties) as Record<string, string>,
  };
  const type = reply.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) return { ...common, metadata: reply.body };
  const [metadata, rootfs] = parseMultipart(reply.body, type);
  if (metadata === undefined || rootfs === undefined) throw failure("Invalid multipart image");
  return { ...common, metadata: metadata.content, rootfs: rootfs.content };
}
