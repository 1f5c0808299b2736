/** Connections to registries: one pool for each way of talking to one, with its certificates and its proxy. */
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import type { HostFiles } from "../../../../platform/host-files.ts";
import { RegistryConfigError } from "../../errors.ts";
import type { Endpoint } from "../hosts/endpoint.ts";
import { type Environment, proxyFor } from "./proxies.ts";

export interface Dispatchers {
  /**
   * For a request to the URL on behalf of the endpoint, whose authorities count for its token server and storage, too. Its client
   * certificates are for itself alone.
   */
  for(url: URL, endpoint: Endpoint): Promise<Dispatcher>;
  destroy(): Promise<void>;
}

interface TlsOptions {
  readonly secureContext: SecureContext;
  readonly rejectUnauthorized: boolean;
}

const CONNECT_MS = 10_000;

export function createDispatchers(files: Pick<HostFiles, "readFile">, environment: Environment): Dispatchers {
  const pools = new Map<string, Promise<Dispatcher>>();

  async function create(url: URL, endpoint: Endpoint, proxy: URL | undefined): Promise<Dispatcher> {
    const isOwn = url.origin === endpoint.base.origin;
    const tls = url.protocol === "https:" ? await tlsOptions(files, endpoint, isOwn) : undefined;
    // Silence is watched for elsewhere, by an injected clock.
    const common = { headersTimeout: 0, bodyTimeout: 0 };
    if (proxy === undefined) return new Agent({ ...common, connect: { timeout: CONNECT_MS, ...tls } as object });
    return new ProxyAgent({
      ...common,
      uri: proxy.href,
      ...(tls && { requestTls: { timeout: CONNECT_MS, ...tls } as object }),
    });
  }

  return {
    for: async (url, endpoint) => {
      const proxy = proxyFor(url, environment);
      const key = JSON.stringify([endpoint.base.href, url.origin === endpoint.base.origin, url.protocol, proxy?.href]);
      const pool = pools.get(key) ?? create(url, endpoint, proxy);
      pools.set(key, pool);
      return await pool;
    },
    destroy: async () => {
      for (const pool of await Promise.allSettled(pools.values())) {
        if (pool.status === "fulfilled") await pool.value.destroy();
      }
      pools.clear();
    },
  };
}

async function tlsOptions(
  files: Pick<HostFiles, "readFile">,
  { clients, authorities, skipVerify }: Endpoint,
  isOwn: boolean,
): Promise<TlsOptions> {
  const isPlain = authorities.length === 0 && (clients.length === 0 || !isOwn);
  const secureContext = isPlain ? usualContext() : await ownContext(files, authorities, isOwn ? clients : []);
  return { secureContext, rejectUnauthorized: !skipVerify };
}

async function ownContext(
  files: Pick<HostFiles, "readFile">,
  authorities: Endpoint["authorities"],
  clients: Endpoint["clients"],
): Promise<SecureContext> {
  const read = (path: string): Promise<Buffer> => readPem(files, path);
  return createSecureContext({
    ca: [...usualAuthorities(), ...(await Promise.all(authorities.map(read)))],
    ...(clients.length > 0 && {
      cert: await Promise.all(clients.map(({ certificate }) => read(certificate))),
      key: await Promise.all(clients.map(({ certificate, key }) => read(key === "" ? certificate : key))),
    }),
  });
}

/** Reading some hundred certificates takes a while: once is enough. */
const usualContext = once(() => createSecureContext({ ca: usualAuthorities() }));

/** Node alone would trust the authorities that it brings along, but not those of the host. */
const usualAuthorities = once(() => [...new Set([...getCACertificates("default"), ...getCACertificates("system")])]);

function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function readPem(files: Pick<HostFiles, "readFile">, path: string): Promise<Buffer> {
  const content = await files.readFile(path);
  if (content === undefined) throw new RegistryConfigError(`${path}, which a hosts.toml names, does not exist`);
  return content;
}
