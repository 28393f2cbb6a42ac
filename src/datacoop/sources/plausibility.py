"""Whether a file is a list of what it is sent as: a menu, a price list or a log of calls is nobody's directory. Pure.

It is asked only where nobody has confirmed the mapping, and in doubt it asks: what is imported by mistake is shown
to everybody, what is refused by mistake is imported by naming the columns.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from datacoop.kinds.definition import Kind
from datacoop.sources.evidence import filled, looks_like_organisation, looks_like_person
from datacoop.sources.headers import take_apart
from datacoop.sources.normalising import line_of
from datacoop.sources.readers.table import Row

#: What a refusal is called.
NOT_SUCH_A_LIST: Final = "not-such-a-list"
_MOST_ROWS: Final = 300
#: Properties that say where an organisation is, how it is reached or in which register it stands.
_SAYS_WHO: Final = frozenset({"address", "point", "commune", "email", "phone", "url", "identifier"})
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
_ASK: Final = "If it is one all the same, say in the mapping which column is the name. Nothing was imported."


def doubt(mapping: Mapping[str, str | None], rows: Sequence[Row], kind: Kind) -> str | None:
    """Why the rows do not look like a list of that kind, in sentences for whoever sent it; None where they do."""
    slot = kind.slots.get("name")
    if slot is None or not rows:
        return None
    column = next((column for column, target in mapping.items() if _property(target) == slot.name), None)
    if column is None:
        why: str | None = f"no column looks like their {slot.labels['en'].lower()}"
    else:
        seen = rows[:: max(1, len(rows) // _MOST_ROWS)][:_MOST_ROWS]
        names = [line_of(row.values[column]) for row in seen if filled(row.values.get(column))]
        why = _something_else(mapping, seen, names, kind) if names and _stands_in_registers(kind) else None
    return f"This does not look like a list of {kind.plural_labels['en'].lower()}: {why}. {_ASK}" if why else None


def _property(target: str | None) -> str:
    return (target or "").partition(".")[0]


def _stands_in_registers(kind: Kind) -> bool:
    return any(each.type == "identifier" for each in kind.properties)


def _something_else(
    mapping: Mapping[str, str | None], rows: Sequence[Row], names: Sequence[str], kind: Kind
) -> str | None:
    organisations = _share(names, looks_like_organisation)
    words = {token for column in mapping for token in take_apart(column).tokens}
    if organisations < 0.1 and _share(names, looks_like_person) >= 0.6:
        return "the names are those of people"
    if len(words & _LOG) >= 2 and len(names) >= 5 and len(set(names)) < 0.7 * len(names):
        return "the same names come again and again beside days and hours, as in a log"
    mapped = {_property(target) for target in mapping.values()}
    if any(each.type in _SAYS_WHO and each.name in mapped for each in kind.properties):
        return None
    nowhere = "no column looks like an address, a contact or a number of a register"
    if organisations < 0.3 and (words & _PRICE or any(_holds_money(column, rows) for column in mapping)):
        return f"it names prices or amounts, and {nowhere}"
    return f"the names are not those of organisations, and {nowhere}" if organisations < 0.1 else None


def _share(names: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(1 for name in names if test(name)) / len(names)


def _holds_money(column: str, rows: Sequence[Row]) -> bool:
    """Whether most cells of a column are amounts, written as such: CHF 12.50, 24.-, 9,90 €."""
    texts = [line_of(row.values[column]) for row in rows if filled(row.values.get(column))]
    amounts = sum(1 for text in texts if len(text) < 20 and _MONEY.fullmatch(text) and _MARKED.search(text))
    return len(texts) >= 3 and amounts >= 0.8 * len(texts)
