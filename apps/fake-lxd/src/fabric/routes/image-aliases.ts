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
import { badRequest, failure } from "../../kernel/errors.ts";
import { findImage } from "../../kernel/images/images.ts";
import type { AliasRecord } from "../../kernel/records.ts";
import { object, text } from "../go-json.ts";
import { created, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const aliasesPost = object("ImageAliasesPost", { name: text, description: text, target: text });
const aliasPut = object("ImageAliasesEntryPut", { description: text, target: text });
const aliasPost = object("ImageAliasesEntryPost", { name: text });

const aliasOf = (request: ApiRequest) => findAlias(request.daemon.world, request.project, request.param("name"));
const etagOfAlias = (alias: AliasRecord) => renderAlias(alias);

function replaceAlias(request: ApiRequest): void {
  const { description, target } = request.json(aliasPut);
  if (target === "") throw badRequest("The target field is required");
  const alias = aliasOf(request);
  request.checkEtag(etagOfAlias(alias));
  updateAlias(request.daemon, alias, { description, target });
}

/** LXD 5.0 blocks itself here for ten seconds, and then changes nothing. */
function patchAlias(request: ApiRequest): never {
  const alias = aliasOf(request);
  request.checkEtag(etagOfAlias(alias));
  const { target } = request.json(aliasPut);
  if (target !== "") findImage(request.daemon.world, request.project, target);
  throw failure("context deadline exceeded");
}

export const imageAliasRoutes: Route[] = [
  {
    path: "/1.0/images/aliases",
    GET: (request) => {
      const aliases = aliasesOf(request.daemon.world, request.project);
      return sync(
        request.recursion > 0 ? aliases.map(renderAlias) : aliases.map((alias) => aliasUrl(alias.name, "default")),
      );
    },
    POST: (request) => {
      const alias = createAlias(request.daemon, request.project, request.json(aliasesPost));
      return created(aliasUrl(alias.name, alias.project));
    },
  },
  {
    path: "/1.0/images/aliases/{name...}",
    GET: (request) => sync(renderAlias(aliasOf(request)), etagOfAlias(aliasOf(request))),
    PUT: (request) => {
      replaceAlias(request);
      return sync();
    },
    PATCH: patchAlias,
    POST: (request) => {
      const { name } = request.json(aliasPost);
      renameAlias(request.daemon, request.project, request.param("name"), name);
      return created(aliasUrl(name, request.project));
    },
    DELETE: (request) => {
      deleteAlias(request.daemon, aliasOf(request));
      return sync();
    },
  },
];
