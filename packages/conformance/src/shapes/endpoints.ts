/** Every endpoint that `packages/lxd-client` uses, and the names that paths of requests have for them. */

export const ENDPOINTS: readonly string[] = [
  "GET /1.0",
  "GET /1.0/events",
  "GET /1.0/metrics",
  "GET /1.0/resources",
  "GET /1.0/images",
  "POST /1.0/images",
  "GET /1.0/images/{fingerprint}",
  "PUT /1.0/images/{fingerprint}",
  "PATCH /1.0/images/{fingerprint}",
  "DELETE /1.0/images/{fingerprint}",
  "GET /1.0/images/{fingerprint}/export",
  "GET /1.0/images/aliases",
  "POST /1.0/images/aliases",
  "GET /1.0/images/aliases/{alias}",
  "PUT /1.0/images/aliases/{alias}",
  "DELETE /1.0/images/aliases/{alias}",
  "GET /1.0/instances",
  "POST /1.0/instances",
  "GET /1.0/instances/{name}",
  "PUT /1.0/instances/{name}",
  "PATCH /1.0/instances/{name}",
  "POST /1.0/instances/{name}",
  "DELETE /1.0/instances/{name}",
  "GET /1.0/instances/{name}/state",
  "PUT /1.0/instances/{name}/state",
  "POST /1.0/instances/{name}/exec",
  "GET /1.0/instances/{name}/console",
  "POST /1.0/instances/{name}/console",
  "GET /1.0/instances/{name}/files",
  "POST /1.0/instances/{name}/files",
  "DELETE /1.0/instances/{name}/files",
  "GET /1.0/instances/{name}/logs",
  "GET /1.0/instances/{name}/logs/{file}",
  "DELETE /1.0/instances/{name}/logs/{file}",
  "GET /1.0/instances/{name}/snapshots",
  "POST /1.0/instances/{name}/snapshots",
  "DELETE /1.0/instances/{name}/snapshots/{snapshot}",
  "GET /1.0/networks",
  "POST /1.0/networks",
  "GET /1.0/networks/{network}",
  "PUT /1.0/networks/{network}",
  "DELETE /1.0/networks/{network}",
  "GET /1.0/networks/{network}/leases",
  "GET /1.0/networks/{network}/state",
  "GET /1.0/operations",
  "GET /1.0/operations/{operation}",
  "DELETE /1.0/operations/{operation}",
  "GET /1.0/operations/{operation}/websocket",
  "GET /1.0/profiles",
  "POST /1.0/profiles",
  "GET /1.0/profiles/{profile}",
  "PUT /1.0/profiles/{profile}",
  "POST /1.0/profiles/{profile}",
  "DELETE /1.0/profiles/{profile}",
  "GET /1.0/projects",
  "POST /1.0/projects",
  "GET /1.0/projects/{project}",
  "PUT /1.0/projects/{project}",
  "DELETE /1.0/projects/{project}",
  "GET /1.0/storage-pools",
  "POST /1.0/storage-pools",
  "GET /1.0/storage-pools/{pool}",
  "DELETE /1.0/storage-pools/{pool}",
  "GET /1.0/storage-pools/{pool}/resources",
  "GET /1.0/storage-pools/{pool}/volumes",
  "POST /1.0/storage-pools/{pool}/volumes/custom",
  "GET /1.0/storage-pools/{pool}/volumes/{type}/{volume}",
  "DELETE /1.0/storage-pools/{pool}/volumes/custom/{volume}",
  "GET /1.0/storage-pools/{pool}/volumes/{type}/{volume}/state",
];

/** A pool of directories, which all our LXDs have, does not know how much is in one of them. */
export const ALWAYS_REFUSED: readonly string[] = ["GET /1.0/storage-pools/{pool}/volumes/{type}/{volume}/state"];

const PATTERNS = ENDPOINTS.map((endpoint) => {
  const [method = "", path = ""] = endpoint.split(" ");
  return { endpoint, method, segments: path.split("/") };
});

/** Undefined: none of them. Literal segments win over names. */
export function endpointOf(method: string, url: string): string | undefined {
  const segments = (url.split("?")[0] ?? "").split("/");
  const fits = PATTERNS.filter(
    (one) =>
      one.method === method &&
      one.segments.length === segments.length &&
      one.segments.every((segment, index) => segment.startsWith("{") || segment === segments[index]),
  );
  const names = ({ segments: parts }: (typeof PATTERNS)[number]) => parts.filter((part) => part.startsWith("{")).length;
  return fits.toSorted((a, b) => names(a) - names(b))[0]?.endpoint;
}

/** How much of an answer there is: lists are other things with another recursion. */
export function variantOf(url: string): string {
  const recursion = new URLSearchParams(url.split("?")[1] ?? "").get("recursion");
  return recursion === null ? "" : `?recursion=${recursion}`;
}
