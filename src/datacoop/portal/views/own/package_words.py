"""The cells of the package of access in words, as people say them; for machines they stand in its `data.jsonld`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from datacoop.disclosure.own.packing import Package
from datacoop.kinds.definition import Property, all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.portal.catalogue import NAMES, catalogue, say
from datacoop.portal.readers import names_of_readers, purpose_said
from datacoop.portal.views.own.calling import called, moment_said, own_label, spoken_value
from datacoop.portal.views.own.happened import what_said
from datacoop.records.tellers import Row

_ACTORS = frozenset({"actor", "settled_by", "objected_by", "invited_by", "printed_by", "hands"})
_KNOWN = {
    "said_by": {"holder": "answer.a_list", "authority": "answer.by_authority", "steward": "answer.by_steward",
                "subject": "answer.by_you"},
    "why": {"word": "answer.why_word", "default": "answer.why_default", "waiting": "answer.why_waiting",
            "restricted": "answer.why_restricted"},
}  # fmt: skip
#: Under which beginning the words for a field's codes stand in the texts.
_FAMILIES = {
    **dict.fromkeys(("because", "later_because"), "requests.because_"),
    "right": "requests.",
    **{field: f"coded.{field}_" for field in ("said", "state", "scope", "method", "capacity", "channel", "ground",
                                              "sort", "choice")},
}  # fmt: skip


class Words:
    """Turns the rows of one package into words of one language."""

    def __init__(self, package: Package, language: str) -> None:
        """Remember how the records are called, who reads them, and which accounts are the subject's own."""
        self.language = language
        rows = package.chapters.get("records", ())
        self._kinds = {str(row["record"]): str(row["kind"]) for row in rows}
        self._titles = {str(row["record"]): str(row["name"]) for row in rows}
        self.names = {
            uid: called(self._kinds[uid], title if self._kinds[uid] != "person" else "", language)
            for uid, title in self._titles.items()
        }
        self._readers = names_of_readers(language)
        self._own = {str(row["actor"]) for row in package.chapters.get("accounts", ())}

    def heading(self, row: Row) -> str:
        """Return what record a row is about, empty where it is about none."""
        return self.names.get(str(row.get("record", "")), "")

    def cell(self, field: str, row: Row) -> str:
        """Return one cell in words, empty where there is nothing to say."""
        value = row.get(field)
        if value is None or value in ("", []):
            return ""
        if isinstance(value, bool):
            return say(self.language, "package.is_true" if value else "package.is_false")
        if isinstance(value, datetime):
            return moment_said(value, self.language)
        if field in {"value", "unmasked"} and row.get("property"):
            return self._value(value, row)
        named = self.names.get(str(value)) or (self._actor(str(value)) if field in _ACTORS else "")
        if field == "what":
            return what_said(str(value), str(row.get("why", "")).partition("request: ")[2], self.language)
        return named or self._coded(field, value, row)

    def field(self, name: str) -> str:
        """Return a field's name, capital first; one that nobody wrote a word for yet stands under its code."""
        found = catalogue(self.language).get(f"package.field_{name}", name.replace("_", " "))
        return found[:1].upper() + found[1:]

    def table(self, rows: Sequence[Row]) -> list[Row]:
        """Return rows for people who open them in a spreadsheet: fields by name, cells in words."""
        return [{self._column(field, row): self.cell(field, row) for field in row} for row in rows]

    def _column(self, field: str, row: Row) -> str:
        word = self.field(field)
        alike = [other for other in row if other != field and self.field(other) == word]
        return f"{word} ({field})" if alike else word

    def _value(self, value: object, row: Row) -> str:
        found = self._property(str(row["property"]), row)
        if found is None:
            return _plain(value)
        if found.type == "reference":
            if found.refers == "person":
                return say(self.language, "package.is_true")
            # What it points to now is what the record is called after; of what it pointed to before no name is kept.
            return self._titles.get(str(row.get("record", "")), "") if row.get("stands", True) else "…"
        return spoken_value(value, found, self.language)

    def _property(self, name: str, row: Row) -> Property | None:
        kind = self._kinds.get(str(row.get("record", "")))
        kinds = [kind_named(kind)] if kind else all_kinds().values()
        return next((prop for each in kinds for prop in each.properties if prop.name == name), None)

    def _actor(self, actor: str) -> str:
        if " " in actor:
            return ", ".join(dict.fromkeys(map(self._actor, actor.split())))
        sort, _, number = actor.partition(":")
        if actor in self._own or sort in {"link", "proof"}:
            return say(self.language, "answer.by_you")
        if sort == "steward" and number.isdigit():
            return say(self.language, "coded.actor_steward", number=number)
        if sort == "steward":
            return say(self.language, "history.who_steward")
        known = catalogue(self.language).get(f"coded.actor_{sort}")
        return known or say(self.language, "coded.actor_house")

    def _coded(self, field: str, value: object, row: Row) -> str:
        if field == "property":
            found = self._property(str(value), row)
            return own_label(found, self.language) if found else str(value)
        if field == "properties" and isinstance(value, list):
            return ", ".join(self._coded("property", each, row) for each in value)
        if field == "audience":
            return self._readers.get(str(value), str(value))
        if field in {"purpose", "purposes"}:
            many = value if isinstance(value, list) else [value]
            return ", ".join(purpose_said(str(each), self.language) for each in many)
        # How a value stands and how a procedure stands are words of two sorts.
        about = "said" if field == "state" and "said_by" in row else field
        return self._word(about, str(value)) or _plain(value)

    def _word(self, field: str, code: str) -> str:
        """Return the word for a code, empty for what is no code."""
        if field == "language":
            return NAMES.get(code, "")
        known = _KNOWN.get(field)
        key = known.get(code, "") if known else ""
        if field in _FAMILIES:
            key = f"{_FAMILIES[field]}{code.replace('-', '_')}"
        return catalogue(self.language).get(key, "")


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(part)}" for name, part in value.items() if part not in (None, "", []))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value)))
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
