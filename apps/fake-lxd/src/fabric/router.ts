/** From method and path to a handler, with LXD's answers for what does not exist. */
import { LxdFailure, notFound } from "../kernel/errors.ts";
import { type Reply } from "./reply.ts";
import { ApiRequest, type RequestInput } from "./request.ts";

export type Handler = (request: ApiRequest) => Reply | Promise<Reply>;
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];

/** `path` may hold `{name}` (one segment) and `{name...}` (the rest, slashes included). */
export interface Route extends Partial<Record<Method, Handler>> {
  path: string;
}

interface Compiled {
  /** What every path of the pattern begins with: rules out most of them at little cost. */
  prefix: string;
  pattern: RegExp;
  route: Route;
}

function compile(route: Route): Compiled {
  const source = route.path.replaceAll(/\{(\w+)(\.\.\.)?\}/g, (_, name: string, rest?: string) =>
    rest === undefined ? `(?<${name}>[^/]+)` : `(?<${name}>.+)`,
  );
  return { prefix: /^[\w/.-]*/.exec(route.path)?.[0] ?? "", pattern: new RegExp(`^${source}$`), route };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export class Router {
  readonly #routes: Compiled[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(compile);
  }

  async handle(input: RequestInput): Promise<Reply> {
    for (const { prefix, pattern, route } of this.#routes) {
      if (!input.url.pathname.startsWith(prefix)) continue;
      const match = pattern.exec(input.url.pathname);
      if (match === null) continue;
      const method = methods.find((known) => known === input.method);
      if (method === undefined) throw notFound(`Method ${JSON.stringify(input.method)} not found`);
      const handler = route[method];
      if (handler === undefined) throw new LxdFailure(501, "not implemented");
      const params = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeSegment(value)]);
      return await handler(new ApiRequest(input, Object.fromEntries(params) as Record<string, string>));
    }
    throw notFound("not found");
  }
}
