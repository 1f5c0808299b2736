/**
 * Bundles the app in the current directory: `node ../../scripts/build.mjs NAME [DIRECTORY]` makes dist/NAME.js, or
 * DIRECTORY/NAME.js, from src/main.ts: a program that needs nothing but Node 24.
 */
import { build } from "esbuild";

const [name, directory = "dist"] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: build.mjs NAME [DIRECTORY]");

const BANNER = [
  "#!/usr/bin/env node",
  // Bundled CommonJS modules call require for Node's own modules.
  'import { createRequire as createRequireForBundle } from "node:module";',
  "const require = createRequireForBundle(import.meta.url);",
].join("\n");

await build({
  entryPoints: ["src/main.ts"],
  outfile: `${directory}/${name}.js`,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: true,
  legalComments: "linked",
  banner: { js: BANNER },
  logLevel: "warning",
});
