// Makes the reference geography from swiss-maps: the basemap of the portal and the list of communes.
// Boundaries: Federal Statistical Office and swisstopo (generalised), packed by swiss-maps (BSD-3-Clause).
import fs from "node:fs";
import path from "node:path";
import polylabel from "polylabel";
import { feature, merge, mesh } from "topojson-client";
import { presimplify, quantile, simplify } from "topojson-simplify";

const GEOMETRY_YEAR = "2026";
const NAME_YEARS = ["2023", "2024"]; // the newer tables carry no names; a later year wins
// Communes founded since, by their official number.
const NEW_COMMUNES = {
  2056: "Fétigny-Ménières",
  2239: "Grolley-Ponthaux",
  5395: "Lema",
  6513: "Laténa",
  6831: "Basse-Vendline",
};
const NOBODY_LIVES_THERE = new Set([2391, 5391, 5394]); // a state forest and two shared alps
const CANTONS =
  "ZH BE LU UR SZ OW NW GL ZG FR SO BS BL SH AR AI SG GR AG TG TI VD VS NE GE JU".split(" ");
const CITIES = [
  261, 351, 371, 942, 1061, 1201, 1372, 1711, 2196, 2581, 2701, 2939, 3203, 3787, 3901, 4001, 4566, 5002,
  5113, 5192, 5586, 5724, 5886, 5938, 6002, 6136, 6266, 6421, 6458, 6621, 6711,
]; // towns named from afar; the others appear when one comes near

/** The rows of a dBASE III table (the attribute file of a shapefile). */
function table(file) {
  const bytes = fs.readFileSync(file);
  const count = bytes.readUInt32LE(4);
  const header = bytes.readUInt16LE(8);
  const width = bytes.readUInt16LE(10);
  const fields = [];
  for (let at = 32; bytes[at] !== 13; at += 32) {
    fields.push([bytes.toString("latin1", at, at + 11).replace(/\0.*/, ""), bytes[at + 16]]);
  }
  return Array.from({ length: count }, (_, row) => {
    let at = header + row * width + 1;
    return Object.fromEntries(
      fields.map(([name, length]) => {
        const text = bytes.toString("utf8", at, at + length).replaceAll("\0", "").trim();
        at += length;
        return [name, text];
      }),
    );
  });
}

function area(ring) {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) sum += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  return Math.abs(sum / 2);
}

/** A point well inside the largest part of a shape: [lon, lat]. */
function labelPoint(geometry) {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const largest = parts.reduce((best, part) => (area(part[0]) > area(best[0]) ? part : best));
  // degrees of longitude are shorter here: stretch, so that "well inside" means the same both ways
  const squeeze = Math.cos((46.8 * Math.PI) / 180);
  const [x, y] = polylabel(largest.map((ring) => ring.map(([lon, lat]) => [lon * squeeze, lat])), 0.0005);
  return [Number((x / squeeze).toFixed(5)), Number(y.toFixed(5))];
}

function communes(topology, folder) {
  const names = new Map(Object.entries(NEW_COMMUNES).map(([bfs, name]) => [Number(bfs), name]));
  for (const year of NAME_YEARS) {
    for (const row of table(path.join(folder, year, "municipalities.dbf"))) names.set(Number(row.id), row.name);
  }
  const cantons = new Map(
    table(path.join(folder, GEOMETRY_YEAR, "municipalities.dbf")).map((row) => [Number(row.id), CANTONS[row.KTNR - 1]]),
  );
  const found = [];
  for (const shape of feature(topology, topology.objects.municipalities).features) {
    const bfs = Number(shape.id);
    if (NOBODY_LIVES_THERE.has(bfs)) continue;
    if (!names.get(bfs)) throw new Error(`commune ${bfs} has no name: add it to NEW_COMMUNES`);
    const [lon, lat] = labelPoint(shape.geometry);
    found.push({ bfs, name: names.get(bfs), canton: cantons.get(bfs), lat, lon });
  }
  return found.sort((a, b) => a.bfs - b.bfs);
}

/** Coordinates to 4 decimals (about 10 m), without the points that fall together. */
function rounded(coordinates) {
  if (typeof coordinates[0][0] !== "number") return coordinates.map(rounded);
  const kept = [];
  for (const [lon, lat] of coordinates) {
    const point = [Number(lon.toFixed(4)), Number(lat.toFixed(4))];
    const last = kept.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) kept.push(point);
  }
  return kept;
}

function layer(geometry) {
  return { type: "Feature", properties: {}, geometry: { ...geometry, coordinates: rounded(geometry.coordinates) } };
}

function basemap(topology, communeList) {
  const light = presimplify(topology);
  const slim = simplify(light, quantile(light, 0.35));
  const { cantons, municipalities, lakes } = slim.objects;
  return {
    land: layer(merge(slim, cantons.geometries)),
    lakes: layer(merge(slim, lakes.geometries)),
    cantons: layer(mesh(slim, cantons)),
    communes: layer(mesh(slim, municipalities, (a, b) => a !== b)),
    places: communeList.map(({ bfs, name, lat, lon }) => [name, lon, lat, CITIES.includes(bfs) ? 1 : 0]),
  };
}

/** Write the two files of reference geography; returns the number of communes. */
export function makeGeography({ swissMaps, communesFile, basemapFile }) {
  const source = path.join(swissMaps, GEOMETRY_YEAR, "ch-combined.json");
  const topology = JSON.parse(fs.readFileSync(source, "utf8"));
  const list = communes(topology, swissMaps);
  for (const [file, value] of [[communesFile, list], [basemapFile, basemap(topology, list)]]) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(value));
  }
  return list.length;
}
