// Builds everything the portal serves that is not written by hand: the map and the reference geography.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import * as esbuild from "esbuild";
import { makeGeography } from "./geography.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const output = path.join(here, "..", "static", "build");
const modules = path.join(here, "node_modules");

fs.rmSync(output, { recursive: true, force: true });
fs.mkdirSync(output, { recursive: true });
await esbuild.build({
  entryPoints: {
    console: path.join(here, "source", "console.js"),
    keys: path.join(here, "source", "keys.js"),
    map: path.join(here, "source", "map.js"),
    passkey: path.join(here, "source", "passkey.js"),
    portal: path.join(here, "source", "portal.js"),
    maplibre: path.join(modules, "maplibre-gl/dist/maplibre-gl.css"),
  },
  outdir: output,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "linked",
  logLevel: "warning",
});
await esbuild.build({
  entryPoints: [path.join(here, "source", "portal.css")],
  outdir: output,
  minify: true,
  target: ["es2022", "safari15"],
  logLevel: "warning",
});
fs.copyFileSync(path.join(here, "source", "icon.svg"), path.join(output, "icon.svg"));
fs.copyFileSync(
  path.join(modules, "maplibre-gl/dist/maplibre-gl-worker.mjs"),
  path.join(output, "maplibre-gl-worker.js"),
);
const count = makeGeography({
  swissMaps: path.join(modules, "swiss-maps"),
  communesFile: path.join(here, "..", "..", "kinds", "geography", "communes.json"),
  basemapFile: path.join(output, "basemap.json"),
});
for (const name of fs.readdirSync(output)) {
  // ServeStatic sends these to browsers that understand them, which is all of them
  const packed = zlib.gzipSync(fs.readFileSync(path.join(output, name)), { level: 9 });
  fs.writeFileSync(path.join(output, `${name}.gz`), packed);
  console.log(`${name}: ${Math.ceil(packed.length / 1024)} KB packed`);
}
console.log(`communes.json: ${count} communes`);
