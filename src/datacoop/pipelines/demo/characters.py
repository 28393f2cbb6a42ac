"""The people a visitor of the demo can be: accounts, what they may act for, and the city's client."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from datacoop.accounts.actions import add_client, create_link, give_mandate, open_account
from datacoop.accounts.queries import find_account
from datacoop.accounts.rules import REPRESENTING, SELF
from datacoop.consent.actions import add_agreement
from datacoop.consent.conditions import Conditions
from datacoop.pipelines.demo import people as invented
from datacoop.pipelines.demo.claims import Cast, stand_in_line
from datacoop.pipelines.demo.decisions import CITY_CLIENT, CITY_TERMS
from datacoop.pipelines.demo.listings import INTERNAL
from datacoop.pipelines.demo.stating import ACTOR
from datacoop.pipelines.demo.world import World
from datacoop.pipelines.inviting import invite
from datacoop.sources.actions import register_holder

LIFETIME: Final = timedelta(days=7)


@dataclass(frozen=True)
class Character:
    """Somebody to sign in as; the name says who they are."""

    role: str
    name: str
    mailbox: str
    is_steward: bool = False


STEWARD: Final = Character("steward", "Solange Praloudet", "steward@example.org", is_steward=True)
SECRETARY: Final = Character("secretary", "Marlyse Vernehaut", "marlyse@example.org")
UNFINDABLE: Final = Character("committee-member", "Joachim Tilleulaz", "joachim@example.org")
SANDBOX: Final = "Essais de développeurs (démo)"
CITY: Final = Character("city-web-team", "Équipe web de la commune", "web@commune.example.org")
VOLUNTEER: Final = Character("volunteer", "Noémie Bonvallonet", "noemie@example.org")
HOLDER: Final = Character("holder", "Huguette Pralovaz", "huguette@example.org")
AUDITOR: Final = Character("auditor", "Armand Quincarnet", "armand@example.org")
CLAIMANT: Final = Character("claimant", "Gaspard Montillier", "gaspard@example.org")
CHARACTERS: Final = (STEWARD, SECRETARY, UNFINDABLE, CITY, VOLUNTEER, HOLDER, CLAIMANT, AUDITOR)


@dataclass(frozen=True)
class Introduced:
    """A character with the token of a sign-in link made just now."""

    character: Character
    token: str


def is_settled() -> bool:
    """Whether the characters live here already: the last thing loading does."""
    return find_account(AUDITOR.mailbox) is not None


def sign_for_city(*, now: datetime) -> tuple[str, str]:
    """Sign the city's agreement and return its client id and secret; decisions may name it from now on."""
    agreement = add_agreement(
        name=CITY.name, terms=CITY_TERMS, actor=ACTOR, now=now, uid=CITY_CLIENT, conditions=Conditions(country="CH")
    )
    return add_client(agreement=agreement, now=now)


def sign_for_developers(*, now: datetime) -> tuple[str, str]:
    """Sign for the test client that the page of the API tells everybody, and return its id and secret."""
    agreement = add_agreement(
        name=SANDBOX, terms=CITY_TERMS, actor=ACTOR, now=now, uid="demo-sandbox", conditions=Conditions(country="CH")
    )
    return add_client(agreement=agreement, now=now)


def settle_in(
    world: World, organisations: Mapping[str, uuid.UUID], people: Mapping[str, uuid.UUID], *, now: datetime
) -> None:
    """Open the characters' accounts and let them act for whom they stand for."""
    ids = {each.role: _open(each, now) for each in CHARACTERS}
    choir = next(role.organisation for role in world.roles if role.person == invented.SECRETARY)
    subjects = (
        (SECRETARY, organisations[choir]),
        (SECRETARY, people[invented.SECRETARY]),
        (UNFINDABLE, people[invented.UNFINDABLE]),
        (VOLUNTEER, people[invented.VOLUNTEER]),
    )
    for character, uid in subjects:
        for scope in (SELF,) if uid in people.values() else REPRESENTING:
            give_mandate(account_id=ids[character.role], subject_uid=uid, scope=scope, valid_from=now, proof="demo")
    cast = Cast(organisations[choir], ids[CLAIMANT.role], ids[SECRETARY.role], ids[STEWARD.role])
    stand_in_line(organisations, cast, now=now)
    bureau = next(listing.holder for listing in world.listings if listing.slug == INTERNAL)
    invite(holder=register_holder(name=bureau, now=now), email=HOLDER.mailbox, actor=ACTOR, now=now)


def introduce(*, now: datetime) -> list[Introduced]:
    """Make a fresh sign-in link for every character."""
    links = ((each, create_link(email=each.mailbox, now=now, lifetime=LIFETIME)) for each in CHARACTERS)
    return [Introduced(each, token) for each, token in links if token is not None]


def _open(each: Character, now: datetime) -> int:
    return int(open_account(email=each.mailbox, name=each.name, now=now, is_steward=each.is_steward).pk)
