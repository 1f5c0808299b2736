/** Requests for one repository to one endpoint: credentials when it asks for them, redirects, and what refusals mean. */
import { AccessDeniedError, ImageMissingError, RegistryProtocolError } from "../errors.ts";
import type { OciLimits } from "../limits.ts";
import { createAuthorizer } from "./auth/authorizer.ts";
import type { Credentials } from "./auth/credentials.ts";
import type { Dispatchers } from "./http/dispatchers.ts";
import {
  type Answer,
  discard,
  exchange,
  type ExchangeDeps,
  headerOf,
  type HttpRequest,
  readSmall,
} from "./http/exchange.ts";
import { TransientError } from "./http/transient.ts";
import type { Endpoint } from "./hosts/endpoint.ts";

export interface EndpointClient {
  readonly endpoint: Endpoint;
  /**
   * GETs a path below the repository's. Resolves with an answer of 200 or 206 whose body is still to be read.
   * @throws TransientError, ImageMissingError, AccessDeniedError, RegistryProtocolError
   */
  get(path: string, headers: HttpRequest["headers"], signal: AbortSignal): Promise<Answer>;
}

interface EndpointClientDeps extends ExchangeDeps {
  readonly endpoint: Endpoint;
  readonly dispatchers: Dispatchers;
  readonly credentials: Credentials;
  /** The registry's own name, which mirrors are told. */
  readonly domain: string;
  /** Path of the repository. */
  readonly repository: string;
  readonly limits: OciLimits;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What may go to wherever a registry sends us. */
const HARMLESS_HEADERS = new Set(["accept", "range", "user-agent", "accept-encoding"]);
/** A first refusal, one for a token that has run out, and one more. */
const AUTH_ROUNDS_MAX = 3;

export function createEndpointClient(deps: EndpointClientDeps): EndpointClient {
  const { endpoint, credentials, repository, limits, domain } = deps;
  const authorizer = createAuthorizer({
    credentials,
    scope: `repository:${repository}:pull`,
    send: (request, signal) => followed(deps, request, signal),
    readAnswer: (answer, bytesMax, signal) => readSmall(deps, answer, bytesMax, signal),
    limits,
  });

  return {
    endpoint,
    get: async (path, headers, signal) => {
      const url = urlOf(endpoint, `${repository}/${path}`, domain);
      for (let round = 1; ; round += 1) {
        const used = authorizer.header;
        const own = { ...endpoint.headers, ...headers, ...(used !== undefined && { authorization: used }) };
        const answer = await followed(deps, { url, method: "GET", headers: own }, signal);
        if (answer.status === 200 || answer.status === 206) return answer;
        const isAsked = answer.status === 401 && answer.url.origin === url.origin && round < AUTH_ROUNDS_MAX;
        if (isAsked && (await authorizer.answer(answer, used, signal))) continue;
        throw await refusal(deps, answer, `${domain}/${repository}`, signal);
      }
    },
  };
}

function urlOf({ base, isMirror }: Endpoint, path: string, domain: string): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname}/${path}`;
  if (isMirror) url.searchParams.set("ns", domain);
  return url;
}

/** Sends, and goes where the answers say. Another server gets no header that says who we are. */
async function followed(deps: EndpointClientDeps, request: HttpRequest, signal: AbortSignal): Promise<Answer> {
  const { endpoint, dispatchers, limits } = deps;
  let { url, headers } = request;
  for (let redirects = 0; redirects <= limits.redirectsMax; redirects += 1) {
    const dispatcher = await dispatchers.for(url, endpoint);
    const sent = { "user-agent": "lxe", "accept-encoding": "identity", ...headers };
    const answer = await exchange(deps, dispatcher, { ...request, url, headers: sent }, signal);
    const location = headerOf(answer, "location");
    if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
    discard(answer);
    const next = redirectTarget(url, location);
    if (next.origin !== url.origin) headers = harmless(headers);
    url = next;
  }
  throw new RegistryProtocolError(`${request.url.host} redirects more than ${limits.redirectsMax} times`);
}

function redirectTarget(from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const isSafe = target?.protocol === "https:" || (target?.protocol === "http:" && from.protocol === "http:");
  if (target !== undefined && isSafe) return target;
  throw new RegistryProtocolError(`${from.host} redirects to an address that cannot be used`);
}

function harmless(headers: HttpRequest["headers"]): HttpRequest["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS_HEADERS.has(name.toLowerCase())));
}

/** The error that an answer amounts to. */
async function refusal(deps: EndpointClientDeps, answer: Answer, image: string, signal: AbortSignal): Promise<Error> {
  const { status, url } = answer;
  const retryAfterMs = retryAfter(headerOf(answer, "retry-after"));
  const said = await errorText(deps, answer, signal);
  if (status === 408 || status === 429 || status >= 500) {
    return new TransientError(`${url.origin} answers ${status}${said}`, { retryAfterMs });
  }
  if (status === 404) return new ImageMissingError(`${image} not found at ${url.host}${said}`);
  if (status === 401 || status === 403) {
    return new AccessDeniedError(`${url.host} denies access to ${image}, or has no such image${said}`);
  }
  return new RegistryProtocolError(`${url.host} answers ${status} for ${image}${said}`);
}

/** The registry's own words, on one line. */
async function errorText(deps: EndpointClientDeps, answer: Answer, signal: AbortSignal): Promise<string> {
  const bytes = await readSmall(deps, answer, deps.limits.errorBytesMax, signal).catch(() => Buffer.alloc(0));
  signal.throwIfAborted();
  try {
    const { errors } = JSON.parse(bytes.toString()) as { errors?: { code?: unknown; message?: unknown }[] };
    const { code, message } = errors?.[0] ?? {};
    const words = [code, message].filter((word) => typeof word === "string").join(": ");
    return words === "" ? "" : ` (${words.replaceAll(/\s+/gu, " ").slice(0, 200)})`;
  } catch {
    return "";
  }
}

/** Seconds; dates are not worth their trouble. */
function retryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/u.test(value) ? Number(value) * 1000 : undefined;
}
