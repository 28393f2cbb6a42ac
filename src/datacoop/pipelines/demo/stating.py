"""State the demo's persons, functions and offers, and enter what everybody decided: one revision.

Persons' own words stand at once; what others say of them stays quarantined until they are told.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from datacoop.consent.actions import Wish, decide_in
from datacoop.pipelines.demo.decisions import decisions
from datacoop.pipelines.demo.people import Offer, Person, Role
from datacoop.pipelines.demo.world import World
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin, id_of

ACTOR: Final = "steward:demo"
Uids = Mapping[str, uuid.UUID]


def state_people(world: World, organisations: Uids, *, now: datetime) -> dict[str, uuid.UUID]:
    """State persons, functions, offers and decisions, all or nothing; return the persons' uids by key."""
    with revision(actor=ACTOR, now=now, why="demo") as draft:
        people = {person.key: _person(draft, person) for person in world.people}
        names = {person.key: person for person in world.people}
        for role in world.roles:
            if role.organisation in organisations:
                _role(draft, role, names[role.person], (people[role.person], organisations[role.organisation]))
        for offer in world.offers:
            _offer(draft, offer, people[offer.person])
        for decided in decisions(world):
            if uid := organisations.get(decided.organisation):
                until = now + decided.lasting if decided.lasting else None
                wish = Wish(decided.audience, decided.shows, decided.property, until)
                decide_in(draft, uid=uid, wish=wish, reason=decided.reason)
    return people


def _person(draft: Draft, person: Person) -> uuid.UUID:
    said = [
        Said("name", person.name),
        Said("given_name", person.first),
        Said("family_name", person.last),
        Said("email", person.mailbox),
    ]
    return _record(draft, "person", None, said, told=True)


def _role(draft: Draft, role: Role, person: Person, uids: tuple[uuid.UUID, uuid.UUID]) -> None:
    """A function that its person wants shown is public under their name; all others are shown to nobody."""
    person_uid, organisation_uid = uids
    said = [
        Said("organisation", str(organisation_uid), refers=id_of(organisation_uid)),
        Said("person", str(person_uid), refers=id_of(person_uid)),
        Said("role", role.role),
        Said("display_name", person.name),
        Said("since", role.since.isoformat()),
    ]
    uid = _record(draft, "role", id_of(person_uid), said, told=role.shown)
    if role.shown:
        decide_in(draft, uid=uid, wish=Wish("public", shows=True), reason="oui donné par lien personnel")


def _offer(draft: Draft, offer: Offer, person_uid: uuid.UUID) -> None:
    said = [
        Said("person", str(person_uid), refers=id_of(person_uid)),
        Said("description", {"fr": offer.description}),
        Said("theme", offer.theme),
        *(Said("skills", skill, position=i) for i, skill in enumerate(offer.skills)),
        *(Said("availability", code, position=i) for i, code in enumerate(offer.availability)),
        Said("commitment", offer.commitment),
        Said("commune", {"bfs": offer.place.bfs, "name": offer.place.said}),
        Said("distance_km", offer.distance_km),
        Said("age_band", offer.age_band),
        Said("start", offer.start.isoformat()),
        Said("expires", offer.expires.isoformat()),
    ]
    _record(draft, "offer", id_of(person_uid), said, told=True)


def _record(draft: Draft, kind: str, subject_id: int | None, said: Sequence[Said], *, told: bool) -> uuid.UUID:
    """`told`: the person's own words; else a steward's, held back until the person is told."""
    record = create_record(draft, kind=kind, subject_id=subject_id)
    origin = Origin.SUBJECT if told else Origin.STEWARD
    state(draft, record_id=record.id, said=said, origin=origin, quarantined=not told)
    return uuid.UUID(str(record.uid))
