"""What everybody can read of the same organisations, beside somebody's list: only `disclosure` is asked, as the public.

E-mail addresses and telephone numbers are compared with what the record's own page shows, one record at a time, and
are never repeated: anonymous lists carry none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import orjson
from rapidfuzz import fuzz

from datacoop.directory.slugs import page_path
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.feeding import export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Question
from datacoop.disclosure.slots import place_key
from datacoop.lib.text import fold
from datacoop.linking.apart import alike
from datacoop.pipelines.trying.findings import Finding
from datacoop.pipelines.trying.reading import Listed, values_of
from datacoop.sources.readers.table import Row

#: So many public records are looked at; where there are more, those of the list's own communes.
MOST_RECORDS: Final = 40_000
_CHUNK: Final = 500
#: Streets that agree so far are written differently, not different.
_SAME_STREET: Final = 85
_MOST_PLACES: Final = 8
Body = dict[str, Any]
Values = Mapping[str, Sequence[object]]
Answer = TypeVar("Answer")


@dataclass
class Comparison:
    """The list beside the public records: counts for the report, and what differs."""

    findings: list[Finding] = field(default_factory=list)
    compared: int = 0
    matched: int = 0
    differing: int = 0
    pool: int = 0
    """Public records in the communes of the list."""
    missing: int = 0
    """Those of them that the list has not."""
    places: list[tuple[str, int]] = field(default_factory=list)
    """The communes where most are missing."""
    is_whole: bool = True


def compare_with_public(listed: Listed, base_url: str) -> Comparison:
    """Compare every row that has a name. Depends on the list and on public views alone (law 2)."""
    ours = {n: values_of(mapped) for n, mapped in enumerate(listed.mapped) if not mapped.rejected}
    places = {key for values in ours.values() for key in _places(values)}
    bodies, is_whole = _public_records(listed.kind.name, places)
    likely = alike(ours, {number: _values(body) for number, body in enumerate(bodies)})
    matches = {number: found[0].other for number, found in likely.items() if found[0].is_same}
    result = Comparison(compared=len(ours), matched=len(matches), is_whole=is_whole)
    for number, other in sorted(matches.items()):
        shown = _whole(listed.kind.name, bodies[other])
        found = list(_differences(listed, listed.rows[number], ours[number], shown, base_url))
        result.findings += found
        result.differing += any(not f.code.startswith("public-more") for f in found)
    here = [n for n, body in enumerate(bodies) if places & set(_places(_values(body)))]
    missing = [bodies[n] for n in here if n not in set(matches.values())]
    result.pool, result.missing = len(here), len(missing)
    names = Counter(str((body.get("commune") or {}).get("name", "")) for body in missing)
    result.places = sorted(((n, c) for n, c in names.items() if n), key=lambda each: (-each[1], each[0]))[:_MOST_PLACES]
    return result


def _asked(question: Callable[[Reading], Answer]) -> Answer:
    """What disclosure answers: decisions may be taken all the while."""
    return ask(question, settlings=3)


def _public_records(kind: str, places: set[str]) -> tuple[list[Body], bool]:
    """Return public records as anonymous lists show them, and whether these are all there are."""
    every = _asked(lambda r: _export(r, kind))
    if len(every) <= MOST_RECORDS:
        return [orjson.loads(body) for body in every], True
    found: dict[str, Body] = {}
    for place in sorted(places):
        for body in _asked(lambda r, place=place: list(_in_commune(r, kind, place))):  # type: ignore[misc]
            record = orjson.loads(body)
            found[record["id"]] = record
        if len(found) > MOST_RECORDS:
            break
    return list(found.values()), False


def _export(r: Reading, kind: str) -> list[bytes]:
    found: list[bytes] = []
    for chunk in export(r, PUBLIC, kind, None, _CHUNK):
        found += [body for _, body in chunk]
        if len(found) > MOST_RECORDS:
            break
    return found


def _in_commune(r: Reading, kind: str, place: str) -> Iterator[bytes]:
    after: tuple[object, ...] | None = None
    while True:
        question = Question(kind, facets=(("commune", (place,)),), limit=_CHUNK, after=after, counted=False)
        page = find(r, PUBLIC, question)
        yield from page.bodies
        after = page.position
        if after is None:
            return


def _whole(kind: str, body: Body) -> Body:
    """Return the record as its own page shows it."""
    found = _asked(lambda r: get(r, PUBLIC, kind, str(body["id"])))
    return orjson.loads(found.body) if isinstance(found, Found) else body


def _values(body: Body) -> dict[str, list[object]]:
    """A public record by property, always as lists."""
    return {name: value if isinstance(value, list) else [value] for name, value in body.items()}


def _places(values: Values) -> list[str]:
    return [place_key(each) for each in values.get("commune", ()) if isinstance(each, dict) and each.get("name")]


def _differences(listed: Listed, row: Row, values: Values, body: Body, base_url: str) -> Iterator[Finding]:
    """What the public record says otherwise, and where the list has a column that is empty here, what it says too."""
    public = _values(body)
    path = page_path(listed.kind.name, str(body.get("name", "")), str(body["id"]))
    link = f"{base_url}{path}"

    def finding(code: str, *targets: str, value: object = "") -> Finding:
        gaps = {"link": link} | ({"value": _line(value)} if value else {})
        return Finding(row.number, listed.column_of(row, *targets) or listed.column_of(row, "name"), code, gaps)

    if _folded(values, "name") != _folded(public, "name"):
        yield finding("public-name", "name", value=body.get("name", ""))
    yield from _address_differences(finding, values, public)
    kept = {(target or "").partition(".")[0] for target in listed.mapping.values()}
    ours, theirs = _hosts(values), _hosts(public)
    if "website" in kept and theirs and not ours & theirs:
        yield finding("public-website" if ours else "public-more-website", "website", value=body.get("website"))
    yield from _number_differences(finding, values, public)
    for name, code, target in (("email", "email", "email"), ("phones", "phone", "phones")):
        mine, shown = _plain(values, name), _plain(public, name)
        if name in kept and shown and not mine & shown:
            yield finding(f"public-{code}" if mine else f"public-more-{code}", target)


def _address_differences(finding: Callable[..., Finding], values: Values, public: Values) -> Iterator[Finding]:
    ours, theirs = (next(iter(each.get("addresses", ())), {}) for each in (values, public))
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return
    ours_code, code = ours.get("postal_code"), theirs.get("postal_code")
    if ours_code and code and ours_code != code:
        value = f"{code} {theirs.get('city', '')}".strip()
        yield finding("public-postcode", "addresses.postal_code", "addresses.city", "addresses.street", value=value)
    street, shown = fold(ours.get("street", "")), fold(theirs.get("street", ""))
    if street and shown and fuzz.token_sort_ratio(street, shown) < _SAME_STREET:
        yield finding("public-street", "addresses.street", value=theirs.get("street"))


def _number_differences(finding: Callable[..., Finding], values: Values, public: Values) -> Iterator[Finding]:
    ours, theirs = (
        {str(e["scheme"]): str(e["value"]) for e in each.get("identifiers", ()) if isinstance(e, dict)}
        for each in (values, public)
    )
    for scheme in sorted(ours.keys() & theirs.keys()):
        if ours[scheme] != theirs[scheme]:
            yield finding("public-number", "identifiers.value", "identifiers", value=theirs[scheme])


def _folded(values: Values, name: str) -> str:
    return fold(str(next(iter(values.get(name, ())), "")))


def _plain(values: Values, name: str) -> set[str]:
    return {str(each).lower().replace(" ", "") for each in values.get(name, ())}


def _hosts(values: Values) -> set[str]:
    hosts = (urlsplit(str(each)).hostname or "" for each in values.get("website", ()))
    return {host.removeprefix("www.") for host in hosts if host}


def _line(value: object) -> str:
    return " ".join(str(value).split())[:200]
