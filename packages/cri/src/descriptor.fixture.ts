/** The .proto as its compiler understands it: an oracle independent of the generated code. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

export const packageDirectory = fileURLToPath(new URL("..", import.meta.url));

/** Runs buf in the package's directory and returns its stdout. */
export function buf(...args: string[]): Buffer {
  const program = fileURLToPath(import.meta.resolve("@bufbuild/buf/bin/buf"));
  // buf looks for its plugins on the PATH, as npm scripts have it.
  const path = `${fileURLToPath(new URL("../../../node_modules/.bin", import.meta.url))}:${process.env["PATH"]}`;
  return execFileSync(process.execPath, [program, ...args], {
    cwd: packageDirectory,
    env: { ...process.env, PATH: path },
  });
}

export function compileProto(): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, buf("build", "-o", "-#format=binpb")));
}
