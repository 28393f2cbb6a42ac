"""Whether a file is a list of what it is sent as: a menu, a price list or a log of calls is nobody's directory. Pure.

It is asked only where nobody has said which column is the name, and in doubt it asks: what is imported by mistake is
shown to everybody, what is refused by mistake is imported by a word.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from datacoop.kinds.definition import Kind
from datacoop.sources.doubting import (
    LIKE_A_LOG,
    LIKE_A_PRICE_LIST,
    NAMES_OF_PEOPLE,
    NO_DAYS,
    NO_NAMES,
    NO_PLACE_NOR_CONTACT,
    Doubt,
)
from datacoop.sources.evidence import filled, looks_like_organisation, looks_like_person
from datacoop.sources.headers import take_apart
from datacoop.sources.normalising import line_of
from datacoop.sources.readers.table import Row

_MOST_ROWS: Final = 300
#: Properties that say where an organisation is, how it is reached or in which register it stands.
_SAYS_WHO: Final = frozenset({"address", "point", "commune", "email", "phone", "url", "identifier"})
_SAYS_WHAT: Final = frozenset({"nature", "legal_form", "founded_year"})
_PRICE: Final = frozenset(
    re.findall(
        r"\w+",
        "prix tarif tarifs preis preise prezzo prezzi price prices cost chf eur montant betrag importo amount "
        "total tva mwst iva quantite menge quantita quantity qty stock",
    )
)
_LOG: Final = frozenset(
    re.findall(
        r"\w+",
        "date datum data heure uhrzeit zeit ora time appel appels anruf anrufe chiamata call calls betreff oggetto "
        "subject gesprach rappel dauer duree durata duration",
    )
)
_MONEY: Final = re.compile(
    r"(?:(?:chf|fr\.?|eur|€|\$|£)\s?)?\d{1,4}(?:['’ ]\d{3})?(?:[.,](?:\d{2}|[-–—]{1,2}))?\s?(?:chf|fr\.?|eur|€|\$|£)?",
    re.IGNORECASE,
)
_MARKED: Final = re.compile(r"chf|\bfr\b|eur|[€$£]|\d[.,](?:\d{2}|[-–—]{1,2})$", re.IGNORECASE)


def doubt(mapping: Mapping[str, str | None], rows: Sequence[Row], kind: Kind) -> Doubt | None:
    """Why the rows do not look like a list of that kind; None where they do, or where there are none."""
    slot = kind.slots.get("name")
    if slot is None or not rows:
        return None
    column = next((column for column, target in mapping.items() if _property(target) == slot.name), None)
    if column is None:
        return Doubt(NO_NAMES)
    if kind.schema_org == "Event" and all(_property(target) != kind.slots["start"].name for target in mapping.values()):
        return Doubt(NO_DAYS)
    seen = rows[:: max(1, len(rows) // _MOST_ROWS)][:_MOST_ROWS]
    names = [line_of(row.values[column]) for row in seen if filled(row.values.get(column))]
    return _something_else(mapping, seen, names, kind) if names and _stands_in_registers(kind) else None


def _property(target: str | None) -> str:
    return (target or "").partition(".")[0]


def _stands_in_registers(kind: Kind) -> bool:
    return any(each.type == "identifier" for each in kind.properties)


def _something_else(
    mapping: Mapping[str, str | None], rows: Sequence[Row], names: Sequence[str], kind: Kind
) -> Doubt | None:
    organisations = _count(names, looks_like_organisation) / len(names)
    people = _count(names, looks_like_person)
    if organisations < 0.1 and people >= 0.6 * len(names):
        return Doubt(NAMES_OF_PEOPLE, people, len(names))
    words = {token for column in mapping for token in take_apart(column).tokens}
    if len(words & _LOG) >= 2 and len(names) >= 5 and len(set(names)) < 0.7 * len(names):
        return Doubt(LIKE_A_LOG, len(set(names)), len(names))
    mapped = {_property(target) for target in mapping.values()}
    if any(each.type in _SAYS_WHO and each.name in mapped for each in kind.properties):
        return None
    if organisations < 0.3 and (words & _PRICE or any(_holds_money(column, rows) for column in mapping)):
        return Doubt(LIKE_A_PRICE_LIST)
    # What says its legal form or its founding is believed sooner than names alone.
    least = 0.1 if mapped & _SAYS_WHAT else 0.5
    return Doubt(NO_PLACE_NOR_CONTACT) if organisations < least else None


def _count(names: Sequence[str], test: Callable[[str], bool]) -> int:
    return sum(1 for name in names if test(name))


def _holds_money(column: str, rows: Sequence[Row]) -> bool:
    """Whether most cells of a column are amounts, written as such: CHF 12.50, 24.-, 9,90 €."""
    texts = [line_of(row.values[column]) for row in rows if filled(row.values.get(column))]
    amounts = sum(1 for text in texts if len(text) < 20 and _MONEY.fullmatch(text) and _MARKED.search(text))
    return len(texts) >= 3 and amounts >= 0.8 * len(texts)
