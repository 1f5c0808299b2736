/**
 * Adds to package-lock.json the optional packages for other platforms that npm left out: `node scripts/complete-lock.mjs`, after
 * each `npm install`. A registry mirror that lacks them makes npm write a lock that its own `npm ci` refuses.
 */
import { readFileSync, writeFileSync } from "node:fs";

const OS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const CPU = ["arm64", "arm", "ia32", "loong64", "mips64el", "mipsel", "ppc64", "riscv64", "s390x", "x64"];
const LIBC = { musl: "musl", musleabihf: "musl", gnu: "glibc", gnueabihf: "glibc" };
const NAMES = { armv7: "arm", windows: "win32", wasm32: "wasm32", 64: "x64", "64gnu": "x64" };

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (resolves(path, name)) continue;
    const words = name.split(/[/-]/).map((word) => NAMES[word] ?? word);
    const os = words.filter((word) => OS.includes(word));
    const cpu = [...words, ...words.map((word) => NAMES[word])].filter(
      (word) => CPU.includes(word) || word === "wasm32",
    );
    const libc = words.flatMap((word) => LIBC[word] ?? []);
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[\^~]/, ""),
      ...(entry.dev && { dev: true }),
      optional: true,
      // where the name does not tell, no platform is meant: nothing that works here was left out
      os: os.length > 0 ? os : ["none"],
      cpu: cpu.length > 0 ? [...new Set(cpu)] : ["none"],
      ...(libc.length > 0 && { libc }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages added`);

/** Whether the lock has the package where `from` would look for it. */
function resolves(from, name) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf("node_modules/") - 1))) {
    if (lock.packages[`${place === "" ? "" : `${place}/`}node_modules/${name}`]) return true;
    if (place === "") return false;
  }
}
