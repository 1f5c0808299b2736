/**
 * Bundles the app in the current directory: `node ../../scripts/build.mjs NAME` makes dist/NAME.js from src/main.ts, a
 * program that needs nothing but Node 24.
 */
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: build.mjs NAME");
const { version } = JSON.parse(await readFile("package.json", "utf8"));

const BANNER = [
  "#!/usr/bin/env node",
  // Bundled CommonJS modules call require for Node's own modules.
  'import { createRequire as createRequireForBundle } from "node:module";',
  "const require = createRequireForBundle(import.meta.url);",
].join("\n");

await build({
  entryPoints: ["src/main.ts"],
  outfile: `dist/${name}.js`,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: true,
  legalComments: "linked",
  banner: { js: BANNER },
  define: { LXE_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});
