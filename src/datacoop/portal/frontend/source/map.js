// The map beside the list: an offline basemap of Switzerland, and what was found, each in one marker only.
import { AttributionControl, Map as MapLibre, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";
import { extent } from "./extent.js";
import { drawFound } from "./markers.js";

const SWITZERLAND = [5.9, 45.75, 10.55, 47.85];
const PADDING = 48; // more than half a marker
const PLACES_FROM = 10.2;
const MOST_PLACES = 40;

export async function start(box) {
  setWorkerUrl(new URL("./maplibre-gl-worker.js", import.meta.url).href);
  const basemap = await (await fetch(box.dataset.basemap)).json();
  const query = new URLSearchParams(box.dataset.query);
  const given = query.get("bbox")?.split(",").map(Number);
  query.delete("bbox");
  const bounds = given ?? (await extent(query, SWITZERLAND)) ?? SWITZERLAND;
  const holder = document.createElement("div");
  holder.style.cssText = "position:absolute;inset:0";
  box.append(holder);
  const map = new MapLibre({
    container: holder,
    style: style(basemap),
    bounds,
    fitBoundsOptions: given ? { maxZoom: 17 } : { padding: PADDING, maxZoom: 14 },
    maxBounds: [[1, 42.5], [15.5, 51]],
    minZoom: 5,
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
  const shown = { found: new Map(), places: [] };
  const refresh = async () => {
    await drawFound(map, box, query, shown);
    drawPlaces(map, basemap, shown);
  };
  map.on("moveend", refresh);
  map.on("dragend", () => offerSearchHere(map, box, query));
  map.on("zoomend", (event) => event.originalEvent && offerSearchHere(map, box, query));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => map.setStyle(style(basemap)));
  await map.once("load");
  await refresh();
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

function drawPlaces(map, basemap, shown) {
  for (const marker of shown.places) marker.remove();
  const bounds = map.getBounds();
  const near = map.getZoom() >= PLACES_FROM;
  const taken = [...shown.found.values()].map((each) => map.project(each.getLngLat()));
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
