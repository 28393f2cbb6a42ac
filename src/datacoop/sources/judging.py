"""Which of a row's values reach a person: the rules of `contacts` applied to a whole row. Pure."""

from collections.abc import Mapping, Sequence

from datacoop.lib.text import plain_words
from datacoop.sources.contacts import (
    BESIDE_PERSON,
    CARE_OF,
    CARRIES_NAME,
    INFORMAL,
    address_reason,
    email_reason,
    names_in,
    phone_reason,
)
from datacoop.sources.said import Said
from datacoop.sources.telephones import is_mobile

Reasons = dict[tuple[str, int], str]
_CONTACTS = frozenset({"email", "phone", "address"})
_TEXTS = frozenset({"string", "text", "url"})


def judge(
    said: Mapping[str, Sequence[Said]],
    types: Mapping[str, str],
    person_cells: Mapping[str, str],
    beside: Mapping[str, frozenset[str]],
) -> Reasons:
    """Reason by (property, position), only for values that count as a person's.

    The point follows its address: where the address is a home, so is the point.
    """
    persons = names_in(person_cells.values())
    naming = {column for column, text in person_cells.items() if names_in([text])}
    name = _first(said, "name") or _first(said, "title")
    informal = _first(said, "nature") == "informal_group"
    reasons: Reasons = {}
    for property_name, values in said.items():
        type_name = types[property_name]
        if type_name in _TEXTS and persons:
            _mark_texts(property_name, values, person_cells, reasons)
        if type_name not in _CONTACTS:
            continue
        near = bool(naming & beside.get(property_name, frozenset()))
        for position, each in enumerate(values):
            reason = INFORMAL if informal else _reason(type_name, each.value, (name, _city(said, types)), persons, near)
            if reason:
                reasons[property_name, position] = reason
    _mobiles_follow(said, types, reasons)
    _points_follow(said, types, reasons)
    return reasons


def _reason(type_name: str, value: object, about: tuple[str, str], persons: frozenset[str], near: bool) -> str | None:
    if type_name == "email":
        return email_reason(str(value), about[0], about[1], persons)
    if type_name == "phone":
        return phone_reason(is_mobile(str(value)), bool(persons), near)
    return address_reason(value, persons, near) if isinstance(value, dict) else None


def _mark_texts(property_name: str, values: Sequence[Said], person_cells: Mapping[str, str], reasons: Reasons) -> None:
    """A name or text that repeats a person of the row is about that person."""
    people = [names for text in person_cells.values() if len(names := names_in([text])) >= 2]
    for position, each in enumerate(values):
        words = frozenset(plain_words(str(each.value)))
        if any(names <= words for names in people):
            reasons[property_name, position] = CARRIES_NAME


def _mobiles_follow(said: Mapping[str, Sequence[Said]], types: Mapping[str, str], reasons: Reasons) -> None:
    """A mobile in a row whose mailbox or address is a named person's is that person's."""
    if not any(r in {CARRIES_NAME, CARE_OF} and types[name] in _CONTACTS for (name, _), r in reasons.items()):
        return
    for property_name, values in said.items():
        if types[property_name] == "phone":
            for position, each in enumerate(values):
                if is_mobile(str(each.value)):
                    reasons.setdefault((property_name, position), BESIDE_PERSON)


def _points_follow(said: Mapping[str, Sequence[Said]], types: Mapping[str, str], reasons: Reasons) -> None:
    home = next(
        (reason for (name, position), reason in reasons.items() if types[name] == "address" and not position), None
    )
    if home is None:
        return
    for name in said:
        if types[name] == "point":
            point = said[name][0].value
            if isinstance(point, dict) and point.get("precision") in {"exact", "street"}:
                reasons[name, 0] = home


def _first(said: Mapping[str, Sequence[Said]], name: str) -> str:
    value = said[name][0].value if said.get(name) else ""
    return " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)


def _city(said: Mapping[str, Sequence[Said]], types: Mapping[str, str]) -> str:
    for name, values in said.items():
        if types[name] == "address" and values and isinstance(values[0].value, dict):
            return str(values[0].value.get("city", ""))
    return ""
