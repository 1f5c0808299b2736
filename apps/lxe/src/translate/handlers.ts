/** Runtime handlers: how the containers of a pod are run when their image and command do not say. Pure. */

import { InvalidArgumentError } from "@lxe/cri";

/** "" is the default: the image or the command decides. */
export const RUNTIME_HANDLERS = ["", "app", "system"] as const;

/** @throws InvalidArgumentError */
export function checkRuntimeHandler(handler: string): void {
  if (!(RUNTIME_HANDLERS as readonly string[]).includes(handler)) {
    throw new InvalidArgumentError(`runtime_handler ${JSON.stringify(handler)} is unknown: use app, system or none`);
  }
}

/** Annotation of a container (or pod) that overrides everything else. */
export const TYPE_ANNOTATION = "lxe.io/container-type";

export interface TypeInput {
  readonly annotations: Readonly<Record<string, string>>;
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly handler: string;
  readonly imageType: "app" | "system" | undefined;
  readonly hasCommand: boolean;
}

/** Annotation, then handler, then image; an LXD image that says nothing boots its init unless a command is given. */
export function containerType(input: TypeInput): "app" | "system" {
  const annotation = input.annotations[TYPE_ANNOTATION] ?? input.podAnnotations[TYPE_ANNOTATION];
  if (annotation === "app" || annotation === "system") return annotation;
  if (annotation !== undefined) {
    throw new InvalidArgumentError(
      `annotation ${TYPE_ANNOTATION} must be app or system, not ${JSON.stringify(annotation)}`,
    );
  }
  if (input.handler === "app" || input.handler === "system") return input.handler;
  return input.imageType ?? (input.hasCommand ? "app" : "system");
}
