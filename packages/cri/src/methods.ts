/**
 * The 43 RPCs of both services as one table and one set of types: names are unique across the services, so neither handlers nor
 * callers need to know which service an RPC belongs to.
 */

import { ImageServiceDefinition, type MessageFns, RuntimeServiceDefinition } from "./gen/api.ts";

type Definitions = typeof RuntimeServiceDefinition.methods & typeof ImageServiceDefinition.methods;

/** `version`, `runPodSandbox`, ..., `imageFsInfo`. */
export type MethodName = keyof Definitions;

export type StreamingMethodName = {
  [K in MethodName]: Definitions[K]["responseStream"] extends true ? K : never;
}[MethodName];

export type UnaryMethodName = Exclude<MethodName, StreamingMethodName>;

type MessageOf<Codec> = Codec extends MessageFns<infer Message> ? Message : never;

export type RequestOf<K extends MethodName> = MessageOf<Definitions[K]["requestType"]>;

export type ResponseOf<K extends MethodName> = MessageOf<Definitions[K]["responseType"]>;

export interface Method {
  /** The key in handler maps and clients: `runPodSandbox`. */
  key: string;
  /** The name in the protocol: `RunPodSandbox`. */
  name: string;
  /** `/runtime.v1.RuntimeService/RunPodSandbox`. */
  path: string;
  requestType: MessageFns<unknown>;
  responseType: MessageFns<unknown>;
  responseStream: boolean;
}

interface ServiceDefinition {
  fullName: string;
  methods: Record<string, Omit<Method, "key" | "path">>;
}

function methodsOf(service: ServiceDefinition): Method[] {
  return Object.entries(service.methods).map(([key, method]) => ({
    ...method,
    key,
    path: `/${service.fullName}/${method.name}`,
  }));
}

export const methods: readonly Method[] = [
  ...methodsOf(RuntimeServiceDefinition),
  ...methodsOf(ImageServiceDefinition),
];
