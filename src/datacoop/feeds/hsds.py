"""Our items in the words of HSDS 3 (Open Referral): organisations, activities as services, our themes as terms. Pure.

What a body does not hold is absent, or empty where HSDS demands it; `metadata` is never written, for it tells former
values. Parts get ids made of their record's id and their place, so that they stay while nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid5

from datacoop.directory.themes import Theme, all_themes
from datacoop.directory.themes import label as theme_label
from datacoop.feeds.formatting import Item, in_language
from datacoop.feeds.repeating import timing_of
from datacoop.feeds.schedules import hours_from_utc, hsds_rule
from datacoop.kinds.definition import kind as kind_named

VERSION: Final = "3.0"
PROFILE: Final = "https://docs.openreferral.org/en/v3.0.1/"
#: HSDS's name of a list → our kind.
LISTS: Final[Mapping[str, str]] = {"organizations": "organisation", "services": "activity"}
#: What a service may be said to be; any other status of an activity is one that takes place.
_STATUSES: Final[Mapping[str, str]] = {"cancelled": "inactive", "postponed": "temporarily closed"}
#: HSDS's words for what we have under another name, where the value goes over as it is.
_ORGANISATION: Final = {"website": "website", "email": "email", "founded_year": "year_incorporated"}
_SERVICE: Final = {"website": "url", "email": "email", "organiser": "organization_id"}

Part = dict[str, Any]


def written(item: Item, language: str) -> Part:
    """Return an item as HSDS has it."""
    return _service(item, language) if item["kind"] == LISTS["services"] else _organization(item, language)


def _organization(item: Item, language: str) -> Part:
    parts = item.get("part_of", ())
    found = {
        **_head(item, "name", language),
        **_taken(item, _ORGANISATION),
        "alternate_name": ", ".join(item.get("alternate_names", ())),
        "legal_status": item.get("legal_form") or ", ".join(_labels(item, "nature", language)),
        "parent_organization_id": parts[0] if len(parts) == 1 else "",
        "organization_identifiers": [
            {"id": _id(item, "identifiers", place), "identifier_scheme": each["scheme"],
             "identifier_type": each["scheme"], "identifier": each["value"]}
            for place, each in enumerate(item.get("identifiers", ()))
        ],
        "locations": _locations(item, language),
        "phones": _phones(item),
        "attributes": _attributes(item, "organization", language),
    }  # fmt: skip
    return _filled(found)


def _service(item: Item, language: str) -> Part:
    found = {
        **_head(item, "title", language),
        **_taken(item, _SERVICE),
        "status": _STATUSES.get(item.get("status", ""), "active"),
        "fees_description": in_language(item.get("price", ""), language),
        "eligibility_description": ", ".join(_labels(item, "audience", language)),
        "schedules": _schedules(item),
        "languages": [
            {"id": _id(item, "languages", place), "name": name, "code": code}
            for place, (code, name) in enumerate(
                zip(_many(item.get("language")), _labels(item, "language", language), strict=True)
            )
        ],
        "service_at_locations": [
            {"id": _id(item, "service_at_locations", place), "service_id": item["id"], "location": each}
            for place, each in enumerate(_locations(item, language))
        ],
        "phones": _phones(item),
        "attributes": _attributes(item, "service", language),
    }
    return _filled(found)


def _head(item: Item, name: str, language: str) -> Part:
    """What HSDS demands of each record: empty where nobody said it, or shows it."""
    words = {part: in_language(item.get(said, ""), language) for part, said in (("name", name), ("description",) * 2)}
    return {"id": item["id"], **words}


def _taken(item: Item, words: Mapping[str, str]) -> Part:
    return {theirs: item[ours] for ours, theirs in words.items() if ours in item}


def _phones(item: Item) -> list[Part]:
    return [{"id": _id(item, "phones", n), "number": each} for n, each in enumerate(item.get("phones", ()))]


def _locations(item: Item, language: str) -> list[Part]:
    """One place with all its addresses, where an address or the point is known; a virtual one for an address online."""
    found: list[Part] = []
    point, addresses = item.get("point"), item.get("addresses", ())
    if point or addresses:
        place = {
            "id": _id(item, "locations", 0),
            "location_type": "postal"
            if not point and all(a.get("kind") == "postal" for a in addresses)
            else "physical",
            "name": str(item.get("place", "")),
            **({"latitude": point["lat"], "longitude": point["lon"]} if point else {}),
            "accessibility": [
                {"id": _id(item, "accessibility", number), "description": each}
                for number, each in enumerate(_labels(item, "accessibility", language))
            ],
            "addresses": [_address(item, number, each) for number, each in enumerate(addresses)],
        }
        found.append(_filled(place))
    if "online_url" in item:
        found.append({"id": _id(item, "locations", 1), "location_type": "virtual", "url": item["online_url"]})
    return found


def _address(item: Item, place: int, value: Mapping[str, Any]) -> Part:
    found = {
        "id": _id(item, "addresses", place),
        "address_1": value.get("street", ""),
        "city": value.get("city", ""),
        "state_province": value.get("canton", ""),
        "postal_code": value.get("postal_code", ""),
        "country": value.get("country", ""),
        "address_type": "postal" if value.get("kind") == "postal" else "physical",
    }
    return {**found, "address_2": value["extra"]} if value.get("extra") else found


def _schedules(item: Item) -> list[Part]:
    """The time of an activity, and how it repeats."""
    start, end = str(item.get("start", "")), str(item.get("end", ""))
    timing = timing_of(item, kind_named(item["kind"]))
    if timing is None:
        return []
    found = {"id": _id(item, "schedules", 0), "dtstart": start[:10], "opens_at": start[11:16], **hsds_rule(timing)}
    if timing.rule and not timing.whole_days:
        found["timezone"] = hours_from_utc(timing)
    return [_filled({**found, "closes_at": end[11:16] if end[:10] == start[:10] else ""})]


def _attributes(item: Item, entity: str, language: str) -> list[Part]:
    """Themes, and the mark that contacts are not for advertising, which HSDS has no word for."""
    marks = [
        {
            "id": _id(item, name, 0),
            "link_id": item["id"],
            "link_type": name,
            "link_entity": entity,
            "value": "true",
        }
        for name in ("no_advertising",)
        if item.get(name)
    ]
    return marks + [
        {
            "id": _id(item, "theme", place),
            "link_id": item["id"],
            "link_type": "theme",
            "link_entity": entity,
            "value": path,
            "taxonomy_term": _term(path, language),
        }
        for place, path in enumerate(item.get("theme", ()))
    ]


def taxonomy(language: str) -> Part:
    """Return the one taxonomy there is: the themes."""
    name = _TAXONOMY_NAMES.get(language, _TAXONOMY_NAMES["en"])
    return {"id": TAXONOMY, "name": name, "description": name}


def terms(language: str, *, parent: str | None = None, top_only: bool = False) -> list[Part]:
    """Return the themes as terms, in the order of pages; those under one, or those without a parent, where asked."""
    return [_listed_term(theme, language) for theme in all_themes().values() if _is_asked(theme, parent, top_only)]


def term(id_text: str, language: str) -> Part | None:
    """Return the term of that id."""
    path = path_of(id_text)
    return None if path is None else _listed_term(all_themes()[path], language)


def path_of(id_text: str) -> str | None:
    """Return the theme a term's id is made of, None for an id of no theme we know."""
    return _paths_by_id().get(id_text)


@cache
def _paths_by_id() -> Mapping[str, str]:
    return {_term_id(path): path for path in all_themes()}


def _is_asked(theme: Theme, parent: str | None, top_only: bool) -> bool:
    above = theme.parent
    if top_only and above is not None:
        return False
    return parent is None or (above is not None and _term_id(above) == parent)


def _listed_term(theme: Theme, language: str) -> Part:
    above = {"parent_id": _term_id(theme.parent)} if theme.parent else {}
    return {**_term(theme.path, language), **above}


def _term(path: str, language: str) -> Part:
    name = theme_label(path, language)
    head = {"id": _term_id(path), "code": path, "name": name, "description": name, "language": language}
    return {**head, "taxonomy_id": TAXONOMY}


def _term_id(path: str) -> str:
    return str(uuid5(_THEMES, path))


#: A namespace of ours: a theme has the same id in every installation, and so has the taxonomy.
_THEMES: Final = UUID("0a5f2b0e-6f8f-5a43-9f0c-3a3c2b8d7e11")
TAXONOMY: Final = str(_THEMES)
_TAXONOMY_NAMES: Final = {"fr": "Thèmes", "de": "Themen", "it": "Temi", "en": "Themes"}


def _labels(item: Item, name: str, language: str) -> list[str]:
    values = kind_named(item["kind"]).property(name).values if name in item else {}
    return [values.get(code, {}).get(language, code) for code in _many(item.get(name))]


def _many(value: object) -> Iterable[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]


def _id(item: Item, part: str, place: int) -> str:
    return str(uuid5(UUID(item["id"]), f"{part}/{place}"))


def _filled(found: Part) -> Part:
    """Without what is empty, but for what HSDS demands."""
    demanded = () if {"location_type", "dtstart"} & found.keys() else ("name", "description")
    return {name: value for name, value in found.items() if name in demanded or value not in ("", [], None)}
