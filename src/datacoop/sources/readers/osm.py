"""OpenStreetMap: answers of Overpass in JSON, and XML files of nodes, ways and relations.

What has tags is a row: its tags, `@id` (node/1), and under `geometry` its place, for ways and relations the middle.
XML is read without network, and refused where it declares entities.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from lxml import etree

from datacoop.sources.readers import json
from datacoop.sources.readers.csv import notes_of
from datacoop.sources.readers.json_large import LargeList, large_list
from datacoop.sources.readers.table import ListRefused, Table

MAX_BYTES: Final = 200_000_000
_KINDS: Final = ("node", "way", "relation")
Position = tuple[float, float]
Element = dict[str, object]


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open an extract of OpenStreetMap. Raises ListRefused where nothing has a tag."""
    with path.open("rb") as file:
        is_xml = file.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if is_xml:
        if path.stat().st_size > MAX_BYTES:
            raise ListRefused(
                "too-large", f"More than {MAX_BYTES // 1_000_000} MB of OpenStreetMap: send a smaller extract."
            )
        return _table(name, "utf-8", lambda: _from_xml(path), [])
    large = large_list(path, "elements.item")
    if large is not None:
        return _table(name, large.encoding, lambda: _elements_of(large), large.notes)
    text, decoding = json.text_of(path)
    document = json.parse(text)
    elements = document.get("elements") if isinstance(document, dict) else None
    if not isinstance(elements, list):
        raise ListRefused("not-a-list", "This answer of Overpass holds no elements. Was the question answered?")
    found = [each for each in elements if isinstance(each, dict)]
    return _table(name, decoding.name, lambda: iter(found), notes_of(decoding))


def _elements_of(large: LargeList) -> Iterator[Element]:
    for _number, element in large.records():
        if isinstance(element, dict):
            yield element


def _table(name: str, encoding: str, elements: Callable[[], Iterator[Element]], notes: list[str]) -> Table:
    nodes: dict[object, Position] = {}
    ways: dict[object, Position] = {}
    # Overpass often sends the nodes after the ways that are made of them.
    for _feature in _features(elements(), nodes, ways):
        pass
    try:
        return json.table_of_records(
            name, encoding, lambda: enumerate(_features(elements(), nodes, ways), start=1), notes
        )
    except ListRefused as refused:
        if refused.code != "empty":
            raise
        raise ListRefused(
            "empty", "Nothing in this extract of OpenStreetMap has a tag: is this the right file?"
        ) from None


def _features(
    elements: Iterator[Element], nodes: dict[object, Position], ways: dict[object, Position]
) -> Iterator[object]:
    """Elements with tags as GeoJSON features; where the others are is remembered for those made of them."""
    for element in elements:
        kind, reference = element.get("type"), element.get("id")
        if kind not in _KINDS or isinstance(reference, dict | list):
            continue
        position = _position(element, nodes, ways)
        if position is not None and kind != "relation":
            (nodes if kind == "node" else ways)[reference] = position
        tags = element.get("tags")
        if not isinstance(tags, dict) or not tags:
            continue
        feature: dict[str, object] = {"type": "Feature", "properties": {"@id": f"{kind}/{reference}", **tags}}
        if position is not None:
            # A way's middle is a point like any other; its kind tells that it was an outline.
            geometry = "Point" if kind == "node" else "MultiPoint"
            pair = [position[1], position[0]]
            feature["geometry"] = {"type": geometry, "coordinates": pair if kind == "node" else [pair]}
        yield feature


def _position(element: Element, nodes: dict[object, Position], ways: dict[object, Position]) -> Position | None:
    """Latitude and longitude: given, of the centre, of the box, or the middle of what it is made of."""
    for place in (element, element.get("center")):
        if isinstance(place, dict) and (pair := _pair(place.get("lat"), place.get("lon"))):
            return pair
    bounds = element.get("bounds")
    if isinstance(bounds, dict):
        low = _pair(bounds.get("minlat"), bounds.get("minlon"))
        high = _pair(bounds.get("maxlat"), bounds.get("maxlon"))
        if low and high:
            return _middle([low, high])
    known: list[Position] = []
    parts = element.get("nodes")
    if isinstance(parts, list):
        closed = len(parts) > 1 and parts[0] == parts[-1]
        known = [nodes[each] for each in parts[closed:] if not isinstance(each, dict | list) and each in nodes]
    members = element.get("members")
    if isinstance(members, list):
        for member in members:
            if isinstance(member, dict) and not isinstance(member.get("ref"), dict | list):
                where = (nodes if member.get("type") == "node" else ways).get(member.get("ref"))
                known += [where] if where else []
    return _middle(known) if known else None


def _pair(lat: object, lon: object) -> Position | None:
    if isinstance(lat, bool) or isinstance(lon, bool):
        return None
    try:
        pair = float(str(lat)), float(str(lon))
    except ValueError:
        return None
    return pair if abs(pair[0]) <= 90 and abs(pair[1]) <= 180 else None


def _middle(positions: list[Position]) -> Position:
    count = len(positions)
    return round(sum(each[0] for each in positions) / count, 7), round(sum(each[1] for each in positions) / count, 7)


def _from_xml(path: Path) -> Iterator[Element]:
    with path.open("rb") as file:
        yield from _elements(file)


def _elements(file: IO[bytes]) -> Iterator[Element]:
    """Elements of an XML file in the form Overpass gives them in JSON. Raises ListRefused."""
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        for _event, element in etree.iterparse(file, tag=_KINDS, remove_comments=True, remove_pis=True, **options):
            if element.getroottree().docinfo.internalDTD is not None:
                raise entities_refused()
            yield _element(element)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ListRefused(
            "xml-invalid",
            "This XML is damaged: was it cut off on its way? Export the extract once more",
            line=error.lineno or None,
        ) from error


def entities_refused() -> ListRefused:
    return ListRefused(
        "xml-entities", "This XML declares entities or a document type, as no list does: it was not read. Send CSV."
    )


def _element(element: etree._Element) -> Element:
    said: Element = {"type": element.tag, "id": element.get("id")}
    said["lat"], said["lon"] = element.get("lat"), element.get("lon")
    tags: dict[str, object] = {}
    parts: list[object] = []
    members: list[object] = []
    for child in element:
        match child.tag:
            case "tag":
                tags[child.get("k") or ""] = child.get("v")
            case "nd":
                parts.append(child.get("ref"))
            case "member":
                members.append({"type": child.get("type"), "ref": child.get("ref")})
            case "center" | "bounds":
                said[child.tag] = dict(child.attrib)
    return said | {"tags": tags, "nodes": parts, "members": members}
