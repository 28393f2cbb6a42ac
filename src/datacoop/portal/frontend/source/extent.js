// What the API says about where things are: groups by cell of a grid, and the box round what was found.
export const FINEST = 18; // zoom of the smallest cells: those of one are not told apart
const ACROSS = 16; // cells asked for across a box, so that no answer is long

/** The features of a route of the API; `more` are parameters besides the visitor's own. */
export async function features(path, query, more) {
  const address = new URLSearchParams(query);
  for (const [name, value] of Object.entries(more)) address.set(name, value);
  const answer = await fetch(`/api/v1/${path}?${address}`, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()).features ?? [];
}

/** What was found in a box, grouped as the API does at a zoom: each group with its middle, count and outline. */
export async function groups(query, box, zoom) {
  const found = await features("organisations/clusters", query, { bbox: parameter(box), zoom: String(zoom) });
  return found.map(({ geometry, properties }) => ({
    middle: geometry.coordinates,
    count: properties.count,
    isMore: properties.count_relation === "gte",
    box: cell(geometry.coordinates, zoom),
  }));
}

/** The box round everything found in a box, seen ever closer; null where there is nothing. */
export async function extent(query, box) {
  let zoom = fitting(box);
  for (;;) {
    const found = await groups(query, box, zoom);
    if (!found.length) return null;
    box = around(found.map(({ middle, count, box }) => (count === 1 || zoom === FINEST ? [...middle, ...middle] : box)));
    const next = fitting(box);
    if (next <= zoom + 1) return box;
    zoom = next;
  }
}

/** The smallest box that holds all of these. */
export function around(boxes) {
  const side = (at, choose) => choose(...boxes.map((each) => each[at]));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}

/** What two boxes have in common. */
export function shared(box, other) {
  return box.map((each, at) => (at < 2 ? Math.max : Math.min)(each, other[at]));
}

/** A box as a parameter; a metre larger, since middles are rounded. */
export function parameter([west, south, east, north]) {
  return [west - 1e-5, south - 1e-5, east + 1e-5, north + 1e-5].map((each) => each.toFixed(6)).join(",");
}

/** The API's own grid: cells are a quarter of a map tile wide. */
function cell([lon, lat], zoom) {
  const width = 360 / 2 ** (zoom + 2);
  const [west, south] = [lon, lat].map((each) => Math.floor(each / width) * width);
  return [west, south, west + width, south + width];
}

function fitting([west, south, east, north]) {
  const span = Math.max(east - west, north - south, 1e-9);
  return Math.min(FINEST, Math.max(0, Math.floor(Math.log2((ACROSS * 360) / span)) - 2));
}
