// The map beside the list: an offline basemap of Switzerland, clusters from the API, single places up close.
import { AttributionControl, Map as MapLibre, Marker, NavigationControl, Popup, setWorkerUrl } from "maplibre-gl";

const SWITZERLAND = [[5.9, 45.75], [10.55, 47.85]];
const SINGLE_FROM = 14; // zoom at which places stand for themselves
const MOST_SINGLES = 200;
const PLACES_FROM = 10.2;
const MOST_PLACES = 40;

export async function start(box) {
  setWorkerUrl(new URL("./maplibre-gl-worker.js", import.meta.url).href);
  const basemap = await (await fetch(box.dataset.basemap)).json();
  const query = new URLSearchParams(box.dataset.query);
  const given = query.get("bbox")?.split(",").map(Number);
  query.delete("bbox");
  const asked = { query, bounds: given ?? (await extent(query)) ?? SWITZERLAND.flat() };
  const holder = document.createElement("div");
  holder.style.cssText = "position:absolute;inset:0";
  box.append(holder);
  const map = new MapLibre({
    container: holder,
    style: style(basemap),
    bounds: asked.bounds,
    fitBoundsOptions: { padding: 40, maxZoom: 14 },
    maxBounds: [[3.5, 44.5], [13, 49]],
    minZoom: 6,
    maxZoom: 17,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new AttributionControl({ compact: false, customAttribution: box.dataset.source }));
  map.getCanvas().setAttribute("aria-label", box.dataset.label);
  const shown = { results: [], places: [] };
  const refresh = () => draw(map, box, asked, basemap, shown);
  map.on("moveend", refresh);
  map.on("dragend", () => offerSearchHere(map, box, query));
  map.on("zoomend", (event) => event.originalEvent && offerSearchHere(map, box, query));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => map.setStyle(style(basemap)));
  await map.once("load");
  await refresh();
}

/** The box round everything found: from coarse clusters. */
async function extent(query) {
  const found = await features("clusters", query, { bbox: SWITZERLAND.flat().join(","), zoom: "9" });
  if (!found.length) return null;
  const lons = found.map((each) => each.geometry.coordinates[0]);
  const lats = found.map((each) => each.geometry.coordinates[1]);
  return [Math.min(...lons) - 0.01, Math.min(...lats) - 0.01, Math.max(...lons) + 0.01, Math.max(...lats) + 0.01];
}

async function features(route, query, more) {
  const address = new URLSearchParams(query);
  for (const [name, value] of Object.entries(more)) address.set(name, value);
  const path = route === "clusters" ? "/api/v1/organisations/clusters" : "/api/v1/organisations.geojson";
  const answer = await fetch(`${path}?${address}`, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()).features ?? [];
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function style(basemap) {
  const source = (data) => ({ type: "geojson", data, tolerance: 0.2 });
  return {
    version: 8,
    sources: {
      land: source(basemap.land),
      lakes: source(basemap.lakes),
      cantons: source(basemap.cantons),
      communes: source(basemap.communes),
    },
    layers: [
      { id: "abroad", type: "background", paint: { "background-color": colour("--tint") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("--map-land") } },
      { id: "communes", type: "line", source: "communes", minzoom: 9, paint: { "line-color": colour("--map-line"), "line-width": 1 } },
      { id: "lakes", type: "fill", source: "lakes", paint: { "fill-color": colour("--map-lake") } },
      {
        id: "cantons",
        type: "line",
        source: "cantons",
        paint: { "line-color": colour("--map-canton"), "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.8, 12, 2] },
      },
    ],
  };
}

async function draw(map, box, asked, basemap, shown) {
  const ticket = (shown.ticket = (shown.ticket ?? 0) + 1);
  const bounds = map.getBounds();
  const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((each) => each.toFixed(5)).join(",");
  const single = map.getZoom() >= SINGLE_FROM;
  const more = single ? { bbox, limit: String(MOST_SINGLES), count: "false" } : { bbox, zoom: String(Math.round(map.getZoom())) };
  const found = await features(single ? "list" : "clusters", asked.query, more);
  if (ticket !== shown.ticket) return;
  for (const marker of shown.results) marker.remove();
  shown.results = found
    .filter((each) => each.geometry)
    .map((each) => (single || each.properties.count === 1 ? spot(map, box, asked, each, single) : cluster(map, box, each)));
  drawPlaces(map, basemap, shown);
}

function drawPlaces(map, basemap, shown) {
  for (const marker of shown.places) marker.remove();
  const bounds = map.getBounds();
  const near = map.getZoom() >= PLACES_FROM;
  const taken = shown.results.map((each) => map.project(each.getLngLat()));
  shown.places = [];
  const candidates = basemap.places.filter(([, lon, lat, city]) => (city || near) && bounds.contains([lon, lat]));
  for (const [name, lon, lat, city] of candidates.sort((a, b) => b[3] - a[3])) {
    const { x, y } = map.project([lon, lat]);
    if (taken.some((each) => Math.abs(each.x - x) < 80 && Math.abs(each.y - y) < 30)) continue;
    taken.push({ x, y });
    const label = document.createElement("span");
    label.className = city ? "map-place is-city" : "map-place";
    label.textContent = name.replace(/ \(..\)$/, "");
    label.setAttribute("aria-hidden", "true");
    shown.places.push(new Marker({ element: label }).setLngLat([lon, lat]).addTo(map));
    if (shown.places.length >= MOST_PLACES) break;
  }
}

function cluster(map, box, feature) {
  const { count, count_relation: relation } = feature.properties;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "map-cluster";
  button.textContent = relation === "gte" ? `${count}+` : count;
  const marker = new Marker({ element: button }).setLngLat(feature.geometry.coordinates).addTo(map);
  button.setAttribute("aria-label", box.dataset.cluster.replace("COUNT", button.textContent));
  button.addEventListener("click", () => map.easeTo({ center: feature.geometry.coordinates, zoom: Math.min(map.getZoom() + 2, 16) }));
  return marker;
}

function spot(map, box, asked, feature, isNamed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "map-spot";
  const marker = new Marker({ element: button }).setLngLat(feature.geometry.coordinates).addTo(map);
  button.setAttribute("aria-label", feature.properties.name ?? box.dataset.cluster.replace("COUNT", "1"));
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    const whole = isNamed ? feature : await nearest(asked, feature);
    if (!whole) return;
    const link = document.createElement("a");
    link.href = `/o/${whole.id ?? whole.properties.id}`;
    link.textContent = whole.properties.name ?? "…";
    new Popup({ offset: 14, maxWidth: "18rem" }).setLngLat(feature.geometry.coordinates).setDOMContent(link).addTo(map);
    link.focus();
  });
  return marker;
}

async function nearest(asked, feature) {
  const [lon, lat] = feature.geometry.coordinates;
  const bbox = [lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001].map((each) => each.toFixed(5)).join(",");
  return (await features("list", asked.query, { bbox, limit: "1", count: "false" }))[0];
}

function offerSearchHere(map, box, query) {
  let link = box.querySelector(".map-here");
  if (!link) {
    link = document.createElement("a");
    link.className = "button map-here";
    link.textContent = box.dataset.here;
    box.append(link);
  }
  const bounds = map.getBounds();
  const here = new URLSearchParams(query);
  here.set("bbox", [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((each) => each.toFixed(4)).join(","));
  link.href = `/organisations?${here}`;
}
