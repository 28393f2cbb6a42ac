"""Where a subject can be reached by e-mail: so that it is written to, or proves that it reads what comes there.

An address goes to the mail that is being made, and to no page; nobody chooses one, they follow from the lists.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from datacoop.disclosure.own.subjects import Group, groups_of
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.queries import load
from datacoop.records.rules import Mark, Origin, RecordFacts, State, fuse, is_natural

_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/:]+)")


@dataclass(frozen=True)
class Mailbox:
    """One address of a subject, for the mail alone.

    `natural`: it is a person's. `own_domains` are those of the associations the person is named in.
    """

    address: str
    natural: bool
    own_domains: frozenset[str]


def mailboxes_of(
    subject: uuid.UUID, *, sources: Collection[int] | None = None, by_itself: bool = False
) -> list[Mailbox]:
    """Return the addresses said of a subject itself, each once, the winning one first.

    With `sources` what these lists say; with `by_itself` what the subject said.
    """
    groups = groups_of(subject)
    if not groups:
        return []
    own = groups[0].facts
    kind = kind_named(own.kind)
    said = [
        s
        for s in own.statements
        if kind.property(s.property).type == "email"
        and s.state != State.RESTRICTED
        and (sources is None or (s.source is not None and s.source.id in sources))
        and (not by_itself or s.origin == Origin.SUBJECT)
    ]
    winning = {s.id for found in fuse(said).values() for s in found}
    said.sort(key=lambda s: (s.id not in winning, s.id))
    domains = _domains(groups) if is_natural(kind) else frozenset()
    first = {str(s.value).strip().lower(): s for s in reversed(said)}
    ordered = sorted(first, key=lambda each: said.index(first[each]))
    return [Mailbox(str(first[each].value).strip(), is_natural(kind), domains) for each in ordered]


def personal_address(subject: uuid.UUID) -> str | None:
    """Return where a person is written to as themselves: the address that wins in their own record, None without one.

    None for an organisation. Never show, log or queue it; the caller looks whether others read the mailbox.
    """
    return next((each.address for each in mailboxes_of(subject) if each.natural), None)


def relay_address(uid: uuid.UUID) -> str | None:
    """Return where a message to a record goes on to, whoever may see that address; None where none may be used.

    None may while everything is restricted, where its subject objected to the list that says it, and where it was
    not told yet of an address that counts as personal.
    """
    groups = groups_of(uid)
    if not groups or groups[0].rulings.restricted:
        return None
    own, rulings = groups[0].facts, groups[0].rulings
    objected = {source for (_, source), (_, says_no) in (rulings.notices or {}).items() if says_no}
    kind = kind_named(own.kind)
    usable = [
        s
        for s in own.statements
        if kind.property(s.property).type == "email"
        and s.state == State.LIVE
        and s.mark != Mark.WITHHELD
        and not (s.source and s.source.id in objected)
    ]
    return next((str(s.value) for found in fuse(usable).values() for s in found), None)


def _domains(groups: Iterable[Group]) -> frozenset[str]:
    """Return the domains of the associations a person has a function in: their website's and, if own, their mail's."""
    pointed = {s.refers for g in groups for s in g.facts.statements if s.refers}
    found: set[str] = set()
    for facts in load(pointed).values():
        found |= _sites(facts)
    return frozenset(found)


def _sites(facts: RecordFacts) -> set[str]:
    if is_natural(kind_named(facts.kind)):
        return set()
    sites = (str(s.value) for s in facts.statements if s.property == "website")
    return {match[1].lower() for each in sites if (match := _HOST.match(each.strip()))}
