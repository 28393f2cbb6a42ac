"""GeoJSON: properties of each feature, and under `geometry` its point or the middle of its outline.

Positions are longitude, latitude (RFC 7946) and come out as lat, lon. One collection, a list of features, features
one after the other, or a single one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from datacoop.sources.readers import json
from datacoop.sources.readers.csv import notes_of
from datacoop.sources.readers.json_large import LargeList, large_list
from datacoop.sources.readers.json_values import GEOMETRY_COLUMN
from datacoop.sources.readers.table import ListRefused, Table

__all__ = ["GEOMETRY_COLUMN", "open_table"]


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open the features of a file."""
    large = large_list(path, "features.item")
    if large is not None:
        return json.table_of_records(name, large.encoding, lambda: _numbered(large), large.notes)
    text, decoding = json.text_of(path)
    features = _features(json.parse(text))
    if not features:
        raise ListRefused("empty", "There is no feature in this GeoJSON: is this the right file?")
    return json.table_of_records(name, decoding.name, lambda: enumerate(features, start=1), notes_of(decoding))


def _numbered(large: LargeList) -> Iterator[tuple[int, object]]:
    for number, feature in large.records():
        yield number, {"properties": {}, **feature, "type": "Feature"} if isinstance(feature, dict) else feature


def _features(document: object) -> list[object]:
    if isinstance(document, list):
        return [feature for each in document for feature in _features(each)]
    if isinstance(document, dict):
        if document.get("type") == "Feature":
            return [{"properties": {}, **document}]
        features = document.get("features")
        if isinstance(features, list):
            return [
                {"properties": {}, **feature, "type": "Feature"} for feature in features if isinstance(feature, dict)
            ]
    raise ListRefused(
        "not-a-list", "This GeoJSON has no list of features, only outlines without names. Is this the right file?"
    )
