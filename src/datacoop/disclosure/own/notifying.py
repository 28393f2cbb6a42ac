"""How a subject can be written to, and what a notice may say: for sending alone, never for a page, a log or a job.

Only what the holder's own lists say of the subject is used: one holder's notice uses no address of another's.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from datacoop.consent.queries import rulings_of
from datacoop.disclosure.compile.policies import current_policy
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.envelopes import digest
from datacoop.records.queries import load, merges_of, records_about, root_of, uids_of
from datacoop.records.rules import Origin, RecordFacts, State, StatementFacts, fuse, is_natural

_AT_ONCE = 300
_HOME = ("postal", "home", "office")


@dataclass(frozen=True)
class Reach:
    """One subject as a holder's lists know it. Hold it in memory for as long as one message is written.

    `email` is its own; `through` the mailbox of an organisation it has a function in, where it has none.
    `address`: lines of an envelope without the name; empty where none is complete. `own_domains`: those of its
    organisations: a mailbox there is read by others. `content` is a keyed digest of all that is said, which is the
    same when the same list is read anew. `function` and `theme` are codes.
    """

    subject_id: int
    uid: uuid.UUID
    natural: bool
    language: str
    email: str
    through: str
    own_domains: frozenset[str]
    name: str
    address: tuple[str, ...]
    function: str
    theme: str
    is_sensitive: bool
    content: bytes
    categories: tuple[tuple[str, str], ...]
    """(Kind, property) of everything that is said."""


def reach(subject_ids: Collection[int], *, holder: uuid.UUID, sources: Collection[int]) -> dict[int, Reach]:
    """Return by number how those subjects can be reached of which these lists of the holder say anything now."""
    every, found = sorted(set(subject_ids)), dict[int, Reach]()
    for start in range(0, len(every), _AT_ONCE):
        found.update(_reached(every[start : start + _AT_ONCE], holder, frozenset(sources)))
    return found


@dataclass(frozen=True)
class Standing:
    """How it stands with a subject: all records that are it, whether it ever spoke, whether a list still names it."""

    uid: uuid.UUID
    members: frozenset[int]
    has_spoken: bool
    is_carried: bool


def members_of(subject_id: int) -> frozenset[int]:
    """Return every record that is the same real thing as a subject, itself included."""
    return _groups([subject_id])[subject_id]


def standing(subject_ids: Collection[int]) -> dict[int, Standing]:
    """Return by number how it stands with some subjects. One that is gone altogether is absent."""
    every, found = sorted(set(subject_ids)), dict[int, Standing]()
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        uids, groups = uids_of(part), _groups(part)
        for number in part:
            if number in uids:
                found[number] = _standing(uids[number], groups[number])
    return found


def _standing(uid: uuid.UUID, members: frozenset[int]) -> Standing:
    records = records_about(members)
    facts, rulings = load(records), rulings_of(records)
    said = [s for each in facts.values() for s in each.statements]
    decided = any(r.decisions or r.restricted for r in rulings.values())
    own = any(s.origin == Origin.SUBJECT for s in said)
    return Standing(uid, members, decided or own, any(s.origin != Origin.SUBJECT for s in said))


def _groups(subjects: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return by number everything that is the same real thing."""
    merges = merges_of(subjects)
    known = {*subjects, *merges, *merges.values()}
    roots = {number: root_of(number, merges) for number in known}
    return {number: frozenset(m for m in known if roots[m] == roots[number]) for number in subjects}


def _reached(subjects: Sequence[int], holder: uuid.UUID, sources: frozenset[int]) -> Iterator[tuple[int, Reach]]:
    groups = _groups(subjects)
    facts = load(records_about({member for members in groups.values() for member in members}))
    organisations = load({s.refers for f in facts.values() for s in f.statements if s.refers} - set(facts))
    uids = uids_of(subjects)
    owned: dict[int, list[RecordFacts]] = {}
    for each in facts.values():
        if each.merged_into is None:
            owned.setdefault(each.subject_id or each.id, []).append(each)
    for number, members in groups.items():
        own = [each for member in members for each in owned.get(member, ())]
        said = {each.id: _said(each.statements, sources) for each in own}
        if number in uids and any(said.values()):
            yield number, _Reading(own, said, organisations, sources).reach(number, uids[number], holder)


def _said(statements: Sequence[StatementFacts], sources: frozenset[int]) -> list[StatementFacts]:
    return [s for s in statements if s.source is not None and s.source.id in sources and s.state != State.RESTRICTED]


class _Reading:
    """What one holder says of one subject and of the organisations it has a function in."""

    def __init__(
        self,
        own: Sequence[RecordFacts],
        said: Mapping[int, list[StatementFacts]],
        others: Mapping[int, RecordFacts],
        sources: frozenset[int],
    ) -> None:
        self._own, self._said, self._others, self._sources = own, said, others, sources

    def reach(self, number: int, uid: uuid.UUID, holder: uuid.UUID) -> Reach:
        itself = [f for f in self._own if f.kind in {"person", "organisation"}]
        roles = [f for f in self._own if f.kind == "role" and self._said[f.id]]
        mine = self._values(s for f in itself for s in self._said[f.id])
        around = [self._values(_said(f.statements, self._sources)) for f in self._organisations(roles)]
        natural = any(is_natural(kind_named(f.kind)) for f in self._own)
        themes = [str(t) for values in (*around, mine) for t in values.get("theme", ())]
        policy = current_policy()
        domains = {d for values in around for d in _domains(values)}
        return Reach(
            number, uid, natural, _language(mine), _first(mine, "email"),
            "" if mine.get("email") else next((e for v in around if (e := _first(v, "email"))), ""),
            frozenset(domains if natural else ()), _name(mine), _address(mine), _function(roles, self._said),
            themes[0] if themes else "", any(policy.is_sensitive(theme) for theme in themes),
            self._content(holder),
            tuple(sorted({(f.kind, s.property) for f in self._own for s in self._said[f.id]})),
        )  # fmt: skip

    def _organisations(self, roles: Sequence[RecordFacts]) -> list[RecordFacts]:
        numbers = [s.refers for f in roles for s in self._said[f.id] if s.property == "organisation" and s.refers]
        found = (self._others.get(number) for number in dict.fromkeys(numbers))
        survivors = ((self._others.get(f.merged_into) or f) if f and f.merged_into else f for f in found)
        return [f for f in survivors if f is not None]

    def _values(self, said: Collection[StatementFacts] | Iterator[StatementFacts]) -> dict[str, list[object]]:
        return {name: [s.value for s in found] for name, found in fuse(list(said)).items() if found}

    def _content(self, holder: uuid.UUID) -> bytes:
        """The person's own number is left out: it is another one each time a list brings somebody back."""
        parts = {
            f"{f.kind}\x1e{s.property}\x1e{orjson.dumps(s.value, option=orjson.OPT_SORT_KEYS).decode()}"
            for f in self._own
            for s in self._said[f.id]
            if s.property != "person"
        }
        return digest("told", holder.hex, *sorted(parts))


def _first(values: Mapping[str, list[object]], name: str) -> str:
    found = values.get(name) or [""]
    return str(found[0])


def _name(values: Mapping[str, list[object]]) -> str:
    whole = f"{_first(values, 'given_name')} {_first(values, 'family_name')}".strip()
    return _first(values, "name") or whole


def _language(values: Mapping[str, list[object]]) -> str:
    """The one language somebody is known to read, empty where none or several are named."""
    named = {str(each)[:2].lower() for each in values.get("languages", ())}
    return named.pop() if len(named) == 1 else ""


def _domains(values: Mapping[str, list[object]]) -> Iterator[str]:
    email = _first(values, "email")
    if "@" in email:
        yield email.rpartition("@")[2].lower()
    site = _first(values, "website").lower().partition("://")[2].partition("/")[0]
    if site:
        yield site.removeprefix("www.")


def _address(values: Mapping[str, list[object]]) -> tuple[str, ...]:
    """Return the lines under the name; a street, a postcode and a place make an address complete."""
    for kind in (*_HOME, None):
        for each in values.get("addresses", ()):
            if isinstance(each, Mapping) and (kind is None or each.get("kind") == kind):
                street = str(each.get("street") or "")
                place = f"{each.get('postal_code') or ''} {each.get('city') or ''}".strip()
                if street and each.get("postal_code") and each.get("city"):
                    country = str(each.get("country") or "CH")
                    lines = [str(each.get("extra") or ""), street, place, "" if country == "CH" else country]
                    return tuple(line for line in lines if line)
    return ()


def _function(roles: Sequence[RecordFacts], said: Mapping[int, list[StatementFacts]]) -> str:
    """Return the only function, empty where there is none or more than one."""
    codes = {str(s.value) for f in roles for s in said[f.id] if s.property == "role"}
    return codes.pop() if len(codes) == 1 else ""
