/** A hosts.toml file, as containerd has them → endpoints, best first. Pure. */
import { posix } from "node:path";
import { z } from "zod";
import { defaultEndpoint, type ClientCertificate, type Endpoint, endpointOf } from "./endpoint.ts";
import { parseToml, type TomlValue } from "./toml.ts";

const textOrTexts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const pair = z.union([z.tuple([z.string()]), z.tuple([z.string(), z.string()])]);
const hostSchema = z.object({
  capabilities: z.array(z.enum(["pull", "resolve", "push", "referrers"])).default(["pull", "resolve"]),
  ca: textOrTexts.default([]),
  client: z.union([z.string(), z.array(z.union([z.string(), pair]))]).default([]),
  skip_verify: z.boolean().default(false),
  override_path: z.boolean().default(false),
  header: z.record(z.string(), textOrTexts).default({}),
});
const fileSchema = hostSchema.extend({
  server: z.string().default(""),
  host: z.record(z.string(), hostSchema).default({}),
});

type Host = z.infer<typeof hostSchema>;

/**
 * The mirrors in the file's order, then the server itself, which is `domain`'s own registry where the file names none.
 * @param directory of the file: relative paths in it are below
 * @throws Error which says what is wrong and where
 */
export function parseHostsFile(text: string, domain: string, directory: string): Endpoint[] {
  const result = fileSchema.safeParse(plain(parseToml(text)));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const { server, host, ...own } = result.data;
  const mirrors = Object.entries(host).map(([address, settings]) => ({
    ...configured(addressOf(address), settings, directory),
    isMirror: true,
  }));
  const origin = configured(server === "" ? defaultEndpoint(domain).base : addressOf(server), own, directory);
  return [...mirrors, { ...origin, canPull: true, canResolve: true }];
}

function configured(address: URL, host: Host, directory: string): Endpoint {
  const inDirectory = (path: string): string => posix.resolve(directory, path);
  return {
    ...endpointOf(address, host.override_path),
    canResolve: host.capabilities.includes("resolve"),
    canPull: host.capabilities.includes("pull"),
    skipVerify: host.skip_verify,
    authorities: host.ca.map(inDirectory),
    clients: clientsOf(host.client).map(({ certificate, key }) => ({
      certificate: inDirectory(certificate),
      key: key === "" ? "" : inDirectory(key),
    })),
    headers: host.header,
  };
}

/** One file, one pair of files, or a list of either. */
function clientsOf(client: Host["client"]): ClientCertificate[] {
  if (typeof client === "string") return [{ certificate: client, key: "" }];
  const [first, second, ...others] = client;
  if (typeof first === "string" && typeof second === "string" && others.length === 0) {
    return [{ certificate: first, key: second }];
  }
  return client.map((each) =>
    typeof each === "string" ? { certificate: each, key: "" } : { certificate: each[0], key: each[1] ?? "" },
  );
}

/** Without a scheme it is https. */
function addressOf(text: string): URL {
  const address = /^[a-z]+:\/\//u.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new Error(`${JSON.stringify(text)} is no address of a registry`);
  return url;
}

function plain(value: TomlValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? value.map((inner: TomlValue) => plain(inner)) : value;
}
