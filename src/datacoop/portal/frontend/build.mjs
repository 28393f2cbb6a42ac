// Builds everything the portal serves that is not written by hand: the map and the reference geography.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { makeGeography } from "./geography.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const output = path.join(here, "..", "static", "build");
const modules = path.join(here, "node_modules");

fs.rmSync(output, { recursive: true, force: true });
fs.mkdirSync(output, { recursive: true });
await esbuild.build({
  entryPoints: { map: path.join(here, "source", "map.js"), maplibre: path.join(modules, "maplibre-gl/dist/maplibre-gl.css") },
  outdir: output,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "linked",
  logLevel: "warning",
});
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
  console.log(`${name}: ${Math.round(fs.statSync(path.join(output, name)).size / 1024)} KB`);
}
console.log(`communes.json: ${count} communes`);
