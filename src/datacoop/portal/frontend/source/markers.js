// What was found, on the map: one marker for what would overlap, with its count; what cannot be split lists its members.
import { Marker, Popup } from "maplibre-gl";
import { FINEST, around, extent, features, groups, parameter, shared } from "./extent.js";

const FINER_FROM = 13; // zoom from which smaller cells are asked for
const NAMED_FROM = 14; // zoom from which single places are called by their names
const CLOSEST = 17;
const APART = 46; // pixels between two markers, so that each can be touched
const MOST_NAMES = 200;
const MOST_LISTED = 8;
const NARROW = 600; // pixels of a map that has no room for a popup beside a marker
const EDGE = 28; // pixels between a popup and the map's edge, where the map says what it is made from
let popup;

/** Draw what the map's view holds. Markers that stay are left alone, so that they keep the focus. */
export async function drawFound(map, box, query, shown) {
  const ticket = (shown.ticket = (shown.ticket ?? 0) + 1);
  const bounds = map.getBounds();
  const view = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  const zoom = Math.min(FINEST, Math.round(map.getZoom()) + (map.getZoom() >= FINER_FROM ? 1 : 0));
  const [found, names] = await Promise.all([groups(query, view, zoom), namesIn(map, query, view)]);
  if (ticket !== shown.ticket) return;
  for (const each of found) each.box = shared(each.box, view);
  const wanted = new Map(merged(map, found).map((each) => [`${each.middle} ${each.count} ${zoom}`, each]));
  const hadFocus = [...shown.found.values()].some((each) => each.getElement() === document.activeElement);
  for (const [key, marker] of shown.found) {
    if (wanted.has(key)) continue;
    marker.remove();
    shown.found.delete(key);
  }
  for (const [key, group] of wanted) {
    if (!shown.found.has(key)) shown.found.set(key, markerOf(map, box, query, group, names.get(pointKey(group.middle))));
  }
  if (hadFocus && document.activeElement === document.body) map.getCanvas().focus();
}

/** Groups whose markers would overlap as one, the largest first. */
function merged(map, found) {
  const kept = [];
  for (const each of found.sort((a, b) => b.count - a.count)) {
    const at = map.project(each.middle);
    const near = kept.find((other) => Math.hypot(other.at.x - at.x, other.at.y - at.y) < APART);
    if (!near) {
      kept.push({ ...each, at });
      continue;
    }
    near.count += each.count;
    near.isMore ||= each.isMore;
    near.box = around([near.box, each.box]);
  }
  return kept;
}

/** Names by place, up close: of single places only, since others show their count. */
async function namesIn(map, query, view) {
  if (map.getZoom() < NAMED_FROM) return new Map();
  const found = await features("organisations.geojson", query, {
    bbox: parameter(view), limit: String(MOST_NAMES), fields: "name,point", count: "false",
  });
  return new Map(found.map((each) => [pointKey(each.geometry.coordinates), each.properties.name]));
}

function pointKey([lon, lat]) {
  return `${lon.toFixed(5)},${lat.toFixed(5)}`;
}

function markerOf(map, box, query, group, name) {
  const button = document.createElement("button");
  const isOne = group.count === 1;
  const count = group.isMore ? `${group.count}+` : String(group.count);
  button.type = "button";
  button.className = isOne ? "map-spot" : "map-cluster";
  if (!isOne) button.textContent = count;
  button.setAttribute("aria-label", (isOne && name) || (isOne ? box.dataset.one : box.dataset.cluster.replace("COUNT", count)));
  if (isOne && name) button.title = name;
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    const inside = isOne ? null : await extent(query, group.box);
    const camera = inside && isSplit(inside) ? map.cameraForBounds(inside, { padding: 60, maxZoom: CLOSEST }) : null;
    if (camera && camera.zoom > map.getZoom() + 0.2) map.easeTo(camera);
    else await list(map, box, query, { ...group, count, isOne }, button);
  });
  return new Marker({ element: button }).setLngLat(group.middle).addTo(map);
}

/** Whether what lies in a box gets markers of its own up close. */
function isSplit([west, south, east, north]) {
  const pixels = (512 * 2 ** CLOSEST) / 360;
  const stretch = 1 / Math.cos((south * Math.PI) / 180);
  return Math.max(east - west, (north - south) * stretch) * pixels > 1.5 * APART;
}

/** A popup with the members of one marker: the first ones, and the way to all of them. */
async function list(map, box, query, group, button) {
  const more = { bbox: parameter(group.box), limit: String(MOST_LISTED), fields: "name,point", count: "false" };
  const found = await features("organisations.geojson", query, more);
  if (!found.length) return;
  const members = document.createElement("ul");
  members.className = "map-members";
  for (const each of found) members.append(item(`/o/${each.id}`, each.properties.name ?? "…"));
  if (!group.isOne && group.count !== String(found.length)) {
    const all = new URLSearchParams(query);
    all.set("bbox", more.bbox);
    const way = item(`/organisations?${all}`, box.dataset.all.replace("COUNT", group.count));
    way.className = "map-all";
    members.append(way);
  }
  popup?.remove();
  if (map.getContainer().clientWidth < NARROW) map.jumpTo({ center: group.middle });
  popup = new Popup({ offset: 20, maxWidth: "17rem" }).setLngLat(group.middle).setDOMContent(members).addTo(map);
  reveal(map, popup);
  members.querySelector("a").focus({ preventScroll: true });
  members.addEventListener("keydown", (event) => event.key === "Escape" && popup.remove());
  popup.on("close", () => button.isConnected && button.focus({ preventScroll: true }));
}

/** Move the map as far as a popup runs over its edge. */
function reveal(map, opened) {
  const [inner, outer] = [opened.getElement(), map.getContainer()].map((each) => each.getBoundingClientRect());
  const over = (first, last, from, to, edge) => Math.min(0, first - from - edge) || Math.max(0, last - to + edge);
  const across = over(inner.left, inner.right, outer.left, outer.right, EDGE / 4);
  const move = [across, over(inner.top, inner.bottom, outer.top, outer.bottom, EDGE)];
  if (move.some(Boolean)) map.panBy(move);
}

function item(address, text) {
  const line = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: address, textContent: text });
  line.append(link);
  return line;
}
