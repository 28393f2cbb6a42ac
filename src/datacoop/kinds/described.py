"""How things of a kind are told in JSON-LD: in schema.org's words, and in ours what those cannot tell. Pure.

For whoever writes such descriptions and whoever reads them back: each property stands in one place, whole.
Our words are `datacoop:` and the path in the API's item (`datacoop:point.precision`, `datacoop:legal_form`).
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from datacoop.kinds.definition import Kind, Property

VOCABULARY: Final = "https://schema.org"
PREFIX: Final = "datacoop"
KIND: Final = f"{PREFIX}:kind"
"""What every description of ours says: the kind of the thing."""
INSIDE: Final[Mapping[str, str]] = {
    "location": "Place", "jobLocation": "Place", "organizer": "Organization", "offers": "Offer",
}  # fmt: skip
"""Terms whose value is a thing of its own, and its type."""
OF_TYPE: Final[Mapping[str, str]] = {"VirtualLocation": "location", "GeoCircle": "areaServed"}
"""Types used as the head of a term, and the property they stand under."""
STATUSES: Final[Mapping[str, str]] = {
    "confirmed": "EventScheduled",
    "tentative": "EventScheduled",
    "cancelled": "EventCancelled",
    "postponed": "EventPostponed",
    "full": "EventScheduled",
}
STATUS: Final = "eventStatus"
"""The term whose values schema.org names itself; two of ours are one of theirs."""
SCHEDULE: Final = "eventSchedule"
LAST: Final = "endDate"
"""The last moment of something; of whole days, the last of them."""
JSON: Final = "@json"
"""The type of a value that is none of anybody's words (JSON-LD 1.1 section 4.2.2)."""
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {
        "street": "streetAddress", "extra": "extendedAddress", "postal_code": "postalCode", "city": "addressLocality",
        "canton": "addressRegion", "country": "addressCountry", "kind": "contactType",
    },
    "point": {"lat": "latitude", "lon": "longitude"},
    "commune": {"bfs": "identifier", "name": "name"},
    "identifier": {"scheme": "propertyID", "value": "value"},
}  # fmt: skip
"""Schema.org's words for the parts of a value, in the order they are written."""
TYPES: Final[Mapping[str, str]] = {
    "address": "PostalAddress", "point": "GeoCoordinates", "commune": "AdministrativeArea",
    "identifier": "PropertyValue",
}  # fmt: skip


def own_word(path: str) -> str:
    """Our own word for a path of the API's item."""
    return f"{PREFIX}:{path}"


@cache
def terms_of(kind: Kind) -> Mapping[Property, str]:
    """Schema.org's term of each property that has one (`location.geo`: in the thing under `location`)."""
    return MappingProxyType({each: _term(each) for each in kind.properties if "schema.org" in each.terms})


@cache
def places_of(kind: Kind) -> Mapping[Property, str]:
    """Where each property stands whole: under schema.org's term, else under a word of ours.

    A term does not tell a property whole where another property of the kind has the same one, or where schema.org
    has fewer values than we have; its schedules know no single dates.
    """
    terms = terms_of(kind)
    taken = list(terms.values())
    whole = {each: term for each, term in terms.items() if taken.count(term) == 1 and term not in {STATUS, SCHEDULE}}
    return MappingProxyType({each: whole.get(each, own_word(each.name)) for each in kind.properties})


def _term(each: Property) -> str:
    """The term of a property; a bare value of what is a thing of its own is its name, or describes it."""
    term = each.terms["schema.org"]
    if term not in {*INSIDE, *OF_TYPE} or each.type in {*WORDS, "reference"}:
        return term
    return f"{term}.{'description' if INSIDE.get(term) == 'Offer' else 'name'}"
