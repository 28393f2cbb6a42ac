"""The whole invented world of one seed and one day. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from datacoop.pipelines.demo.activities import Activity, Need, invent_activities, invent_needs
from datacoop.pipelines.demo.dice import Dice
from datacoop.pipelines.demo.listings import Listing, invent_listings
from datacoop.pipelines.demo.organisations import Organisation, invent_organisations
from datacoop.pipelines.demo.people import Offer, Person, Role, invent_offers, invent_people, invent_roles
from datacoop.pipelines.demo.words import words

SEED: Final = 1802
ORGANISATIONS: Final = 1200
ACTIVITIES: Final = 2000
NEEDS: Final = 150
PEOPLE: Final = 230
ROLES: Final = 300
OFFERS: Final = 60


@dataclass(frozen=True)
class World:
    """The truth, and the lists in which four holders tell parts of it."""

    today: date
    organisations: tuple[Organisation, ...]
    listings: tuple[Listing, ...]
    activities: tuple[Activity, ...]
    needs: tuple[Need, ...]
    people: tuple[Person, ...]
    roles: tuple[Role, ...]
    offers: tuple[Offer, ...]


def invent(today: date, seed: int = SEED, size: float = 1.0) -> World:
    """Invent the world; the same seed, day and size (a share of the whole, at least a tenth) give an equal one."""
    said = words()
    organisations = invent_organisations(Dice(seed, "organisations"), said, round(ORGANISATIONS * size))
    listings = invent_listings(Dice(seed, "listings"), organisations)
    public = {row.organisation for listing in listings if listing.published for row in listing.rows}
    told = tuple(one for one in organisations if one.key in public)
    people = invent_people(Dice(seed, "people"), said, round(PEOPLE * size))
    return World(
        today=today,
        organisations=organisations,
        listings=listings,
        activities=invent_activities(Dice(seed, "activities"), said, told, today=today, count=round(ACTIVITIES * size)),
        needs=invent_needs(Dice(seed, "needs"), said, told, today=today, count=round(NEEDS * size)),
        people=people,
        roles=invent_roles(Dice(seed, "roles"), told, people, today=today, count=round(ROLES * size)),
        offers=invent_offers(Dice(seed, "offers"), said, people, today=today, count=round(OFFERS * size)),
    )
