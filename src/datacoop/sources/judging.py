"""Which of a row's values reach a person: the rules of `contacts` applied to a whole row. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from datacoop.kinds.definition import Kind
from datacoop.lib.text import plain, plain_words
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
from datacoop.sources.said import AllSaid, Said
from datacoop.sources.telephones import is_mobile

Reasons = dict[tuple[str, int], str]
_CONTACTS = frozenset({"email", "phone", "address"})
_TEXTS = frozenset({"string", "text", "url"})


class Judge:
    """Judges the rows of one list; `beside`: for each property the columns naming persons that stand close before."""

    def __init__(self, kind: Kind, beside: Mapping[str, frozenset[str]]) -> None:
        self._types = {each.name: each.type for each in kind.properties}
        self._beside = beside
        self._addresses = [name for name, type_name in self._types.items() if type_name == "address"]
        self._points = [name for name, type_name in self._types.items() if type_name == "point"]

    def judge(self, said: AllSaid, person_cells: Mapping[str, str]) -> Reasons:
        """Reason by (property, position), only for values that count as a person's.

        The point follows its address: where the address is a home, so is the point.
        """
        people = {column: names for column, text in person_cells.items() if (names := names_in([text]))}
        persons = frozenset().union(*people.values())
        about = (_first(said, "name") or _first(said, "title"), self._city(said))
        informal = _first(said, "nature") == "informal_group"
        reasons: Reasons = {}
        for name, values in said.items():
            type_name = self._types[name]
            if type_name in _CONTACTS:
                near = bool(people) and not self._beside.get(name, _NOBODY).isdisjoint(people)
                for position, each in enumerate(values):
                    reason = INFORMAL if informal else _reason(type_name, each.value, about, persons, near)
                    if reason:
                        reasons[name, position] = reason
            elif people and type_name in _TEXTS:
                _mark_texts(name, values, people.values(), reasons)
        if reasons:
            self._mobiles_follow(said, reasons)
            self._points_follow(said, reasons)
        return reasons

    def _mobiles_follow(self, said: AllSaid, reasons: Reasons) -> None:
        """A mobile in a row whose mailbox or address is a named person's is that person's."""
        if not any(r in {CARRIES_NAME, CARE_OF} and self._types[n] in _CONTACTS for (n, _), r in reasons.items()):
            return
        for name, values in said.items():
            if self._types[name] == "phone":
                for position, each in enumerate(values):
                    if is_mobile(str(each.value)):
                        reasons.setdefault((name, position), BESIDE_PERSON)

    def _points_follow(self, said: AllSaid, reasons: Reasons) -> None:
        home = next((reasons[name, 0] for name in self._addresses if (name, 0) in reasons), None)
        if home is None:
            return
        for name in self._points:
            point = said[name][0].value if name in said else None
            if isinstance(point, dict) and point.get("precision") in {"exact", "street"}:
                reasons[name, 0] = home

    def _city(self, said: AllSaid) -> str:
        for name in self._addresses:
            if name in said and isinstance(address := said[name][0].value, dict):
                return str(address.get("city", ""))
        return ""


_NOBODY: frozenset[str] = frozenset()


def _reason(type_name: str, value: object, about: tuple[str, str], persons: frozenset[str], near: bool) -> str | None:
    if type_name == "email":
        return email_reason(str(value), about[0], about[1], persons)
    if type_name == "phone":
        return phone_reason(is_mobile(str(value)), bool(persons), near)
    return address_reason(value, persons, near) if isinstance(value, dict) else None


def _mark_texts(property_name: str, values: Sequence[Said], people: Iterable[frozenset[str]], reasons: Reasons) -> None:
    """A name or text that repeats a person of the row is about that person."""
    named = [names for names in people if len(names) >= 2]
    for position, each in enumerate(values) if named else ():
        text = plain(str(each.value))
        likely = [names for names in named if all(name in text for name in names)]
        if likely and any(names.issubset(plain_words(text)) for names in likely):
            reasons[property_name, position] = CARRIES_NAME


def _first(said: AllSaid, name: str) -> str:
    value = said[name][0].value if name in said else ""
    return " ".join(map(str, value.values())) if isinstance(value, dict) else str(value)
