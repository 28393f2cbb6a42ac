"""Invented people for the tests of rights: a treasurer of two associations, named by two lists."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from datacoop.consent.actions import add_agreement
from datacoop.consent.audiences import ensure_audiences
from datacoop.records.actions.publishing import add_source
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin

NOW = datetime(2030, 3, 4, 9, tzinfo=UTC)
NAME, EMAIL = "Marlyse de Vernehaut", "marlyse@example.org"


@dataclass(frozen=True)
class Village:
    """A person, two organisations, the person's function in each, and the two lists that say so."""

    person: uuid.UUID
    choir: uuid.UUID
    club: uuid.UUID
    in_choir: uuid.UUID
    in_club: uuid.UUID
    lists: tuple[int, int]
    client: str


def _source(name: str, published: bool) -> int:
    number = add_source(holder_uid=uuid.uuid4(), holder=name, name="liste", kind="organisation")
    Source.objects.filter(id=number).update(published=published, accepted=1)
    return number


def settle() -> Village:
    """Let the village be: everything about the person in quarantine, the organisations public as their lists are."""
    ensure_audiences()
    client = add_agreement(name="Ville de Clairière", terms="public-bodies", actor="steward:1", now=NOW, uid="city")
    city, union = _source("Ville de Clairière", False), _source("Fédération des clubs", True)
    with revision(actor="holder", now=NOW, why="test") as draft:

        def made(kind: str, source: int, said: list[Said], subject: int | None = None, quarantined: bool = True):
            record = create_record(draft, kind=kind, subject_id=subject)
            whole = Source.objects.get(id=source)
            state(draft, record_id=record.id, said=said, origin=Origin.HOLDER, source=whole, quarantined=quarantined)
            return record

        choir = made("organisation", union, [Said("name", "Chœur de la Clairière"), Said("email", "choeur@example.org"),
                     Said("phones", "+41 21 555 12 34")], None, False)  # fmt: skip
        club = made("organisation", union, [Said("name", "Club du Lac")], None, False)
        person = made("person", city, [Said("name", NAME), Said("email", EMAIL), Said("birth_date", "1950-01-02")])
        roles = [
            made(
                "role",
                source,
                [
                    Said("organisation", str(of.uid), refers=of.id),
                    Said("person", str(person.uid), refers=person.id),
                    Said("role", function),
                ],
                person.id,
            )
            for of, source, function in ((choir, city, "treasurer"), (club, union, "secretary"))
        ]
    return Village(person.uid, choir.uid, club.uid, roles[0].uid, roles[1].uid, (city, union), client)
