import { rootRequestor } from "../../kernel/events.ts";
import {
  createProject,
  deleteProject,
  findProject,
  projectEtag,
  renameProject,
  renderProject,
  updateProject,
} from "../../kernel/projects/projects.ts";
import { config, maybe, object, text } from "../go-json.ts";
import { accepted, created, sync } from "../reply.ts";
import type { ApiRequest } from "../request.ts";
import type { Route } from "../router.ts";

const projectsPost = object("ProjectsPost", { name: text, description: text, config });
const projectPut = object("ProjectPut", { description: maybe(text), config: maybe(config) });
const projectPost = object("ProjectPost", { name: text });

function announce({ daemon }: ApiRequest, name: string, action: string, context?: Record<string, unknown>): void {
  const source = `/1.0/projects/${encodeURIComponent(name)}`;
  daemon.events.lifecycle(name, { action, source, context, requestor: rootRequestor });
}

function change(request: ApiRequest, keep: boolean): void {
  const { world } = request.daemon;
  const project = findProject(world, request.param("name"));
  request.checkEtag(projectEtag(project));
  const body = request.json(projectPut);
  updateProject(world, project, {
    description: body.description ?? (keep ? project.description : ""),
    config: keep ? { ...project.config, ...body.config } : (body.config ?? {}),
  });
  announce(request, project.name, "project-updated");
}

const entry = (Usage: number) => ({ Limit: -1, Usage });

/** Counts of what the project has; nothing is limited. */
function stateOf({ daemon }: ApiRequest, name: string): unknown {
  const { world } = daemon;
  findProject(world, name);
  const instances = world.instancesOf(name).length;
  const resources = {
    containers: entry(instances),
    cpu: entry(0),
    disk: entry(0),
    instances: entry(instances),
    memory: entry(0),
    networks: entry(name === "default" ? world.networks.size : 0),
    processes: entry(0),
    "virtual-machines": entry(0),
  };
  return { resources };
}

export const projectRoutes: Route[] = [
  {
    path: "/1.0/projects",
    GET: (request) => {
      const { world } = request.daemon;
      const projects = [...world.projects.values()];
      return sync(
        request.recursion > 0
          ? projects.map((project) => renderProject(world, project))
          : projects.map((project) => `/1.0/projects/${project.name}`),
      );
    },
    POST: (request) => {
      const input = request.json(projectsPost);
      createProject(request.daemon.world, input);
      announce(request, input.name, "project-created");
      return created(`/1.0/projects/${input.name}`);
    },
  },
  {
    path: "/1.0/projects/{name}",
    GET: (request) => {
      const project = findProject(request.daemon.world, request.param("name"));
      return sync(renderProject(request.daemon.world, project), projectEtag(project));
    },
    PUT: (request) => {
      change(request, false);
      return sync();
    },
    PATCH: (request) => {
      change(request, true);
      return sync();
    },
    POST: (request) => {
      const project = findProject(request.daemon.world, request.param("name"));
      const { name } = request.json(projectPost);
      const operation = request.daemon.operations.create({
        project: "default",
        class: "task",
        description: "Renaming project",
        resources: null,
        run: () => {
          const old_name = project.name;
          renameProject(request.daemon.world, project, name);
          announce(request, name, "project-renamed", { old_name });
          return Promise.resolve();
        },
      });
      return accepted(operation);
    },
    DELETE: (request) => {
      deleteProject(request.daemon.world, request.param("name"));
      announce(request, request.param("name"), "project-deleted");
      return sync();
    },
  },
  { path: "/1.0/projects/{name}/state", GET: (request) => sync(stateOf(request, request.param("name"))) },
];
