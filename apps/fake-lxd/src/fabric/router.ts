/** From method and path to a handler, with LXD's answers for what does not exist. */
import { LxdFailure, notFound } from "../kernel/errors.ts";
import { type Reply } from "./reply.ts";
import { ApiRequest, type RequestInput } from "./request.ts";

export type Handler = (request: ApiRequest) => Reply | Promise<Reply>;
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof methods)[number];

function isMethod(text: string): text is Method {
  return (methods as readonly string[]).includes(text);
}

/** `path` may hold `{name}` (one segment) and `{name...}` (the rest, slashes included). */
export interface Route extends Partial<Record<Method, Handler>> {
  path: string;
}

interface Compiled {
  /** What every path of the pattern begins with: rules out most of them at little cost. */
  prefix: string;
  /** How many slashes it has; undefined: any number. */
  slashes: number | undefined;
  pattern: RegExp;
  /** What the groups of the pattern are, in their order: named ones are slow to read. */
  names: readonly string[];
  route: Route;
}

function compile(route: Route): Compiled {
  const names: string[] = [];
  const source = route.path.replaceAll(/\{(\w+)(\.\.\.)?\}/g, (_, name: string, rest?: string) => {
    names.push(name);
    return rest === undefined ? "([^/]+)" : "(.+)";
  });
  const slashes = route.path.includes("...") ? undefined : slashesIn(route.path);
  const prefix = /^[\w/.-]*/.exec(route.path)?.[0] ?? "";
  return { prefix, slashes, pattern: new RegExp(`^${source}$`), names, route };
}

interface Found {
  route: Route;
  params: Readonly<Record<string, string>>;
}

const FOUND_MAX = 1000;

function slashesIn(path: string): number {
  let count = 0;
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) count += 1;
  return count;
}

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export class Router {
  readonly #routes: readonly Compiled[];
  /** Those that a path with so many slashes can be of, in their order. */
  readonly #bySlashes = new Map<number, readonly Compiled[]>();
  /** Clients ask for the same paths again and again. */
  readonly #found = new Map<string, Found>();

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(compile);
  }

  /** Throws, or rejects, what LXD refuses. */
  handle(input: RequestInput): Reply | Promise<Reply> {
    const { route, params } = this.#find(input.url.pathname);
    if (!isMethod(input.method)) throw notFound(`Method ${JSON.stringify(input.method)} not found`);
    const handler = route[input.method];
    if (handler === undefined) throw new LxdFailure(501, "not implemented");
    return handler(new ApiRequest(input, params));
  }

  #routesWith(count: number): readonly Compiled[] {
    const known = this.#bySlashes.get(count);
    if (known !== undefined) return known;
    const found = this.#routes.filter(({ slashes }) => slashes === undefined || slashes === count);
    this.#bySlashes.set(count, found);
    return found;
  }

  #find(pathname: string): Found {
    const known = this.#found.get(pathname);
    if (known !== undefined) return known;
    for (const { prefix, pattern, names, route } of this.#routesWith(slashesIn(pathname))) {
      if (!pathname.startsWith(prefix)) continue;
      const match = pattern.exec(pathname);
      if (match === null) continue;
      const params: Record<string, string> = {};
      for (const [index, name] of names.entries()) params[name] = decodeSegment(match[index + 1] ?? "");
      const found = { route, params };
      if (this.#found.size >= FOUND_MAX) this.#found.clear();
      this.#found.set(pathname, found);
      return found;
    }
    throw notFound("not found");
  }
}
