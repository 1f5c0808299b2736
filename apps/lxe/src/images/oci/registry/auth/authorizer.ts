/** What one endpoint is shown for one repository: nothing until it asks, then what it asks for. Tokens live as long as the pull. */
import { z } from "zod";
import { AccessDeniedError, RegistryProtocolError } from "../../errors.ts";
import type { OciLimits } from "../../limits.ts";
import { type Answer, discard, headersOf, type HttpRequest } from "../http/exchange.ts";
import { TransientError } from "../http/transient.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { basicHeader, type Credentials } from "./credentials.ts";

export interface Authorizer {
  /** The Authorization header's value, once there is one. */
  readonly header: string | undefined;
  /**
   * Prepares for another try after a 401 to a request that had the header `used`. False: there is nothing better to show.
   * @throws AccessDeniedError where the token server refuses
   */
  answer(refusal: Answer, used: string | undefined, signal: AbortSignal): Promise<boolean>;
}

interface AuthorizerDeps {
  readonly credentials: Credentials;
  /** `repository:<name>:pull`. */
  readonly scope: string;
  /** Sends to a token server. */
  readonly send: (request: HttpRequest, signal: AbortSignal) => Promise<Answer>;
  readonly readAnswer: (answer: Answer, bytesMax: number, signal: AbortSignal) => Promise<Buffer>;
  readonly limits: Pick<OciLimits, "tokenBytesMax">;
}

const tokenSchema = z.object({ token: z.string().nullish(), access_token: z.string().nullish() });
const CLIENT_ID = "lxe";

export function createAuthorizer(deps: AuthorizerDeps): Authorizer {
  const { credentials } = deps;
  let header = credentials.kind === "bearer" ? `Bearer ${credentials.token}` : undefined;
  let pending: Promise<boolean> | undefined;

  async function renew(challenges: readonly Challenge[], registry: URL, signal: AbortSignal): Promise<boolean> {
    if (credentials.kind === "bearer") return false;
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      const next = `Bearer ${await fetchToken(deps, bearer, registry, signal)}`;
      header = next;
      return true;
    }
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    if (!basic || credentials.kind !== "password") return false;
    const next = basicHeader(credentials.username, credentials.password);
    if (header === next) return false;
    header = next;
    return true;
  }

  return {
    get header() {
      return header;
    },
    answer: async (refusal, used, signal) => {
      discard(refusal);
      // Another request has renewed it since.
      if (used !== header) return true;
      pending ??= renew(parseChallenges(headersOf(refusal, "www-authenticate")), refusal.url, signal).finally(() => {
        pending = undefined;
      });
      return await pending;
    },
  };
}

async function fetchToken(
  deps: AuthorizerDeps,
  { parameters }: Challenge,
  registry: URL,
  signal: AbortSignal,
): Promise<string> {
  const realm = realmOf(parameters["realm"] ?? "", registry);
  const answer = await deps.send(tokenRequest(deps, realm, parameters), signal);
  const { status } = answer;
  if (status === 429 || status >= 500) {
    discard(answer);
    throw new TransientError(`the token server ${realm.host} answers ${status}`);
  }
  if (status < 200 || status > 299) {
    discard(answer);
    throw new AccessDeniedError(`access denied: the token server ${realm.host} of ${registry.host} answers ${status}`);
  }
  const bytes = await deps.readAnswer(answer, deps.limits.tokenBytesMax, signal);
  const token = tokenIn(bytes);
  if (token === undefined) throw new RegistryProtocolError(`the token server ${realm.host} gives no token`);
  return token;
}

function tokenRequest(
  { credentials, scope: ownScope }: AuthorizerDeps,
  realm: URL,
  parameters: Challenge["parameters"],
): HttpRequest {
  const scope = parameters["scope"] || ownScope;
  const service = parameters["service"] ?? "";
  if (credentials.kind === "identity") {
    const form = {
      grant_type: "refresh_token",
      service,
      scope,
      client_id: CLIENT_ID,
      refresh_token: credentials.token,
    };
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { url: realm, method: "POST", headers, content: new URLSearchParams(form).toString() };
  }
  const url = new URL(realm);
  if (service !== "") url.searchParams.set("service", service);
  for (const each of scope.split(" ")) url.searchParams.append("scope", each);
  const headers =
    credentials.kind === "password" ? { authorization: basicHeader(credentials.username, credentials.password) } : {};
  return { url, method: "GET", headers };
}

/** Credentials must not leave the encryption that the registry has. */
function realmOf(realm: string, registry: URL): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && registry.protocol === "http:");
  if (url === undefined || !isSafe) {
    throw new RegistryProtocolError(
      `${registry.host} names ${JSON.stringify(realm)} as its token server, which cannot be used`,
    );
  }
  return url;
}

function tokenIn(bytes: Buffer): string | undefined {
  try {
    const { token, access_token: accessToken } = tokenSchema.parse(JSON.parse(bytes.toString()));
    const found = token || accessToken || "";
    return /^[\x21-\x7e]+$/u.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
