import {
  aliasesOf,
  aliasUrl,
  createAlias,
  deleteAlias,
  findAlias,
  renameAlias,
  renderAlias,
  updateAlias,
} from "../../kernel/images/aliases.ts";
import type { AliasRecord } from "../../kernel/records.ts";
import { maybe, object, text } from "../go-json.ts";
import { created, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const aliasesPost = object("ImageAliasesPost", { name: text, description: text, target: text });
const aliasPut = object("ImageAliasesEntryPut", { description: maybe(text), target: maybe(text) });
const aliasPost = object("ImageAliasesEntryPost", { name: text });

const aliasOf = (request: ApiRequest) => findAlias(request.daemon.world, request.project, request.param("name"));
const etagOfAlias = (alias: AliasRecord) => renderAlias(alias);

function changeAlias(request: ApiRequest, keep: boolean): void {
  const alias = aliasOf(request);
  request.checkEtag(etagOfAlias(alias));
  const body = request.json(aliasPut);
  updateAlias(request.daemon, alias, {
    description: body.description ?? (keep ? alias.description : ""),
    target: body.target ?? (keep ? alias.target : ""),
  });
}

export const imageAliasRoutes: Route[] = [
  {
    path: "/1.0/images/aliases",
    GET: (request) => {
      const aliases = aliasesOf(request.daemon.world, request.project);
      return sync(request.recursion > 0 ? aliases.map(renderAlias) : aliases.map((alias) => aliasUrl(alias.name)));
    },
    POST: (request) => {
      const alias = createAlias(request.daemon, request.project, request.json(aliasesPost));
      return created(aliasUrl(alias.name));
    },
  },
  {
    path: "/1.0/images/aliases/{name...}",
    GET: (request) => sync(renderAlias(aliasOf(request)), etagOfAlias(aliasOf(request))),
    PUT: (request) => {
      changeAlias(request, false);
      return sync();
    },
    PATCH: (request) => {
      changeAlias(request, true);
      return sync();
    },
    POST: (request) => {
      const { name } = request.json(aliasPost);
      renameAlias(request.daemon, aliasOf(request), name);
      return created(aliasUrl(name));
    },
    DELETE: (request) => {
      deleteAlias(request.daemon, aliasOf(request));
      return sync();
    },
  },
];
