"""The catalogue of what may be had (DCAT-AP CH): a dataset for each listed kind, a distribution for each format.

Tells what there is, never what stands in it: it depends on kinds, formats and settings alone. Nodes as JSON-LD has
them; `triples` writes the same statements as Turtle and as RDF/XML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson
import yaml

from datacoop.feeds import hsds, triples
from datacoop.feeds.formatting import LANGUAGES, Format
from datacoop.feeds.registry import formats_of
from datacoop.feeds.triples import Node
from datacoop.kinds.definition import Kind, all_kinds

#: Ending → media type, the first what we send unless asked otherwise.
FORMS: Final[Mapping[str, str]] = {
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml; charset=utf-8",
}
_WORDS: Final = Path(__file__).with_name("catalogue.yml")

_EU: Final = "http://publications.europa.eu/resource/authority"
_COUNTRY: Final = f"{_EU}/country/CHE"
_CONTINUOUS: Final = f"{_EU}/frequency/CONT"
_IANA: Final = "https://www.iana.org/assignments/media-types"
_PROFILE: Final = "https://www.dcat-ap.ch/"
_RPDE: Final = "https://openactive.io/realtime-paged-data-exchange/"
_EU_LANGUAGES: Final = {"fr": "FRA", "de": "DEU", "it": "ITA", "en": "ENG"}
#: The EU's codes of file types; a format that has none is told by its media type alone.
_FILE_TYPES: Final = {"json": "JSON", "csv": "CSV", "geojson": "GEOJSON", "jsonld": "JSON_LD", "ical": "ICS",
                      "atom": "ATOM", "parquet": "PARQUET"}  # fmt: skip
#: What a format is written by.
_STANDARDS: Final = {
    "geojson": "https://www.rfc-editor.org/rfc/rfc7946",
    "ical": "https://www.rfc-editor.org/rfc/rfc5545",
    "atom": "https://www.rfc-editor.org/rfc/rfc4287",
    "csv": "https://www.rfc-editor.org/rfc/rfc4180",
    "jsonld": "https://schema.org/",
}
#: Used in names of properties and types; JSON-LD calls it the context.
PREFIXES: Final[Mapping[str, str]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True)
class Facts:
    """What the catalogue says of its installation; nothing of it comes from records."""

    base_url: str
    licence: str
    terms: str
    publisher: str
    contact: str
    """An e-mail address, or the address of a page."""
    issued: date | None
    """Since when there is this installation."""

    def address(self, name: str) -> str:
        """The address of one thing of the catalogue."""
        return f"{self.base_url}/catalog#{name}"


@lru_cache(maxsize=16)
def written(facts: Facts, ending: str) -> bytes:
    """Return the catalogue in the form of an ending of `FORMS`."""
    nodes = nodes_of(facts)
    if ending == "jsonld":
        return orjson.dumps({"@context": dict(PREFIXES), "@graph": nodes})
    return triples.turtle(nodes, PREFIXES) if ending == "ttl" else triples.rdf_xml(nodes, PREFIXES)


def nodes_of(facts: Facts) -> list[Node]:
    """Return everything the catalogue speaks of, the catalogue first."""
    kinds = [kind for kind in all_kinds().values() if kind.list_route]
    nodes = [_catalogue(facts, kinds), *_about(facts), *_foreign(kinds), *_services(facts, kinds)]
    for kind in kinds:
        nodes.append(_dataset(facts, kind))
        nodes += [_distribution(facts, kind, layout) for layout in formats_of(kind)]
    return nodes


def _catalogue(facts: Facts, kinds: Iterable[Kind]) -> Node:
    return {
        **_head(facts, "catalog", "dcat:Catalog", "catalogue"),
        **_issued(facts),
        "foaf:homepage": _to(f"{facts.base_url}/"),
        "dct:language": _languages(),
        "dct:spatial": _to(_COUNTRY),
        "dct:conformsTo": _to(_PROFILE),
        "dcat:themeTaxonomy": _to(f"{_EU}/data-theme"),
        "dcat:dataset": [_to(facts.address(kind.plural)) for kind in kinds],
        "dcat:service": [_to(facts.address(name)) for name in ("api", "hsds")],
    }


def _about(facts: Facts) -> list[Node]:
    """Whom it is by, whom to ask, under which licence."""
    reached = "vcard:hasEmail" if "@" in facts.contact else "vcard:hasURL"
    address = f"mailto:{facts.contact}" if "@" in facts.contact else facts.contact
    organisation = ["foaf:Organization", "foaf:Agent"]
    return [
        {"@id": facts.address("publisher"), "@type": organisation, "foaf:name": facts.publisher},
        {
            "@id": facts.address("contact"),
            "@type": ["vcard:Organization", "vcard:Kind"],
            "vcard:fn": facts.publisher,
            reached: _to(address),
        },
        {"@id": facts.licence, "@type": "dct:LicenseDocument"},
        {"@id": facts.terms, "@type": "dct:RightsStatement"},
    ]


def _foreign(kinds: Iterable[Kind]) -> list[Node]:
    """What words of others are: whoever checks a catalogue does not look them up."""
    used = dict.fromkeys(layout for kind in kinds for layout in formats_of(kind))
    files = [_FILE_TYPES[layout.NAME] for layout in used if layout.NAME in _FILE_TYPES]
    return [
        {"@id": _COUNTRY, "@type": "dct:Location"},
        {"@id": _CONTINUOUS, "@type": "dct:Frequency"},
        {"@id": f"{_EU}/data-theme", "@type": "skos:ConceptScheme"},
        *({**_to(code["@id"]), "@type": "dct:LinguisticSystem"} for code in _languages()),
        *({"@id": f"{_EU}/file-type/{code}", "@type": "dct:MediaTypeOrExtent"} for code in files),
    ]


def _services(facts: Facts, kinds: Iterable[Kind]) -> list[Node]:
    described = _to(f"{facts.base_url}/api/openapi.json")
    told = {"api": list(kinds), "hsds": [all_kinds()[name] for name in hsds.LISTS.values()]}
    endpoints = {"api": f"{facts.base_url}/api/v1/", "hsds": f"{facts.base_url}/hsds/"}
    standards = {"api": _RPDE, "hsds": hsds.PROFILE}
    return [
        {
            **_head(facts, name, "dcat:DataService", name),
            "dcat:contactPoint": _to(facts.address("contact")),
            "dcat:endpointURL": _to(endpoints[name]),
            "dcat:endpointDescription": described,
            "dcat:landingPage": _to(f"{facts.base_url}/api/"),
            "dct:conformsTo": _to(standards[name]),
            "dct:accessRights": _to(f"{_EU}/access-right/PUBLIC"),
            "dcat:servesDataset": [_to(facts.address(kind.plural)) for kind in told[name]],
        }
        for name in ("api", "hsds")
    ]


def _dataset(facts: Facts, kind: Kind) -> Node:
    """Its licence stands with each distribution, as the profile wants it."""
    head = _head(facts, kind.plural, "dcat:Dataset", "dataset", kind)
    del head["dct:license"]
    return {
        **head,
        "dct:identifier": f"{kind.plural}@{urlsplit(facts.base_url).hostname or 'localhost'}",
        **_issued(facts),
        "dcat:contactPoint": _to(facts.address("contact")),
        "dcat:landingPage": _to(f"{facts.base_url}/data"),
        "dct:language": _languages(),
        "dct:accrualPeriodicity": _to(_CONTINUOUS),
        "dct:accessRights": _to(f"{_EU}/access-right/PUBLIC"),
        "dct:spatial": _to(_COUNTRY),
        "dcat:theme": _to(f"{_EU}/data-theme/SOCI"),
        "dcat:distribution": [_to(_name_of(facts, kind, layout)) for layout in formats_of(kind)],
    }


def _distribution(facts: Facts, kind: Kind, layout: Format) -> Node:
    address = _to(f"{facts.base_url}/api/v1/exports/{kind.plural}.{layout.EXTENSION}")
    node: Node = {
        "@id": _name_of(facts, kind, layout),
        "@type": "dcat:Distribution",
        "dct:identifier": f"{kind.plural}.{layout.EXTENSION}",
        "dct:title": [_said(f"{kind.plural_labels[lang]} ({layout.NAME})", lang) for lang in LANGUAGES],
        **_issued(facts),
        "dct:publisher": _to(facts.address("publisher")),
        "dcat:contactPoint": _to(facts.address("contact")),
        "dct:license": _to(facts.licence),
        "dct:rights": _to(facts.terms),
        "dct:language": _languages(),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:accessService": _to(facts.address("api")),
        "dcat:mediaType": _to(f"{_IANA}/{layout.MEDIA_TYPES[0].partition(';')[0]}"),
    }
    if layout.NAME in _FILE_TYPES:
        node["dct:format"] = _to(f"{_EU}/file-type/{_FILE_TYPES[layout.NAME]}")
    if layout.NAME in _STANDARDS:
        node["dct:conformsTo"] = _to(_STANDARDS[layout.NAME])
    return node


def _name_of(facts: Facts, kind: Kind, layout: Format) -> str:
    return facts.address(f"{kind.plural}.{layout.EXTENSION}")


def _head(facts: Facts, name: str, type_name: str, words: str, kind: Kind | None = None) -> Node:
    """What everything in a catalogue says of itself, in every language."""
    found: Node = {"@id": facts.address(name), "@type": type_name}
    for part in ("title", "description"):
        found[f"dct:{part}"] = [
            _said(text.format(name=facts.publisher, kinds=kind.plural_labels[lang] if kind else ""), lang)
            for lang, text in _words()[words][part].items()
        ]
    publisher, licence = _to(facts.address("publisher")), _to(facts.licence)
    return {**found, "dct:publisher": publisher, "dct:license": licence}


def _issued(facts: Facts) -> Node:
    if facts.issued is None:
        return {}
    return {"dct:issued": {"@value": facts.issued.isoformat(), "@type": "xsd:date"}}


def _languages() -> list[Node]:
    return [_to(f"{_EU}/language/{_EU_LANGUAGES[lang]}") for lang in LANGUAGES]


def _said(text: str, language: str) -> Node:
    return {"@value": text, "@language": language}


def _to(address: str) -> Node:
    return {"@id": address}


@cache
def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return found
