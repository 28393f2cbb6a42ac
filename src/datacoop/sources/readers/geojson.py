"""GeoJSON: properties of each feature, and under `geometry` its point or the middle of its outline."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from datacoop.lib.geo import middle_of
from datacoop.sources.readers import json
from datacoop.sources.readers.table import ListRefused, Row, Table

GEOMETRY_COLUMN: Final = "geometry"


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open a FeatureCollection; positions are longitude, latitude (RFC 7946) and come out as lat, lon."""
    text, encoding = json.text_of(path)
    document = json.parse(text)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ListRefused("not-a-list", "This GeoJSON has no list of features.")
    notes: list[str] = []
    rows = [_row(number, feature, notes) for number, feature in enumerate(features, start=1)]
    filled = [row for row in rows if row.values]
    if not filled:
        raise ListRefused("empty", "There is no feature in this GeoJSON.")
    return Table(name, encoding, None, json.columns_of(filled), iter(filled), notes)


def _row(number: int, feature: object, notes: list[str]) -> Row:
    if not isinstance(feature, dict):
        return Row(number, {})
    values = json.flatten(feature.get("properties") or {})
    if "id" in feature and "id" not in values:
        values["id"] = feature["id"]
    geometry = feature.get("geometry")
    middle = middle_of(geometry)
    if middle is not None:
        exact = isinstance(geometry, dict) and geometry.get("type") == "Point"
        values[GEOMETRY_COLUMN] = {"lat": middle[0], "lon": middle[1]}
        if not exact and not notes:
            notes.append("Outlines are kept as their middle point.")
    return Row(number, values)
