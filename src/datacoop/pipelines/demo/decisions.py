"""What the demo's organisations have decided, so that hiding and showing can be seen at work. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from datacoop.pipelines.demo.listings import COMMUNE
from datacoop.pipelines.demo.organisations import Organisation
from datacoop.pipelines.demo.people import SECRETARY
from datacoop.pipelines.demo.world import World

CITY_CLIENT: Final = "demo-commune-web"
CITY_TERMS: Final = "public-bodies"
_CITY: Final = f"agreement:{CITY_CLIENT}"


@dataclass(frozen=True)
class Decided:
    """One decision: `property` None is the whole record, `lasting` None has no end."""

    organisation: str
    audience: str
    shows: bool
    property: str | None
    reason: str
    lasting: timedelta | None = None


def decisions(world: World) -> tuple[Decided, ...]:
    """List what was decided: e-mails, telephones and whole records hidden, and what the city's web team still sees."""
    kept = next(listing.rows for listing in world.listings if listing.slug == COMMUNE)
    complete = {row.organisation for row in kept if row.email and row.phone and row.street}
    left_alone = {role.organisation for role in world.roles if role.person == SECRETARY}
    fit = [
        one
        for one in world.organisations
        if one.key in complete - left_alone and not one.care_of and not one.mailbox_is_personal
    ]
    return tuple(_decisions(fit))


def _decisions(complete: list[Organisation]) -> Iterator[Decided]:
    fields = iter(complete[:: max(1, len(complete) // 24)])
    by_letter = "lettre signée du comité"
    for position in range(7):
        one = next(fields)
        yield Decided(one.key, "public", False, "email", by_letter)
        if position < 4:
            yield Decided(one.key, _CITY, True, "email", "accord avec la commune")
    for _ in range(5):
        yield Decided(next(fields).key, "public", False, "phones", by_letter)
    one = next(fields)
    yield Decided(one.key, "public", False, "addresses", by_letter)
    yield Decided(one.key, f"terms:{CITY_TERMS}", True, "addresses", "pour l’envoi du courrier officiel")
    for _ in range(3):
        yield Decided(next(fields).key, "public", False, None, "ne souhaite pas figurer")
    one = next(fields)
    yield Decided(one.key, "public", False, "phones", by_letter)
    yield Decided(one.key, _CITY, True, "phones", "le temps de la fête", timedelta(days=30))
    one = next(fields)
    yield Decided(one.key, "public", False, "email", by_letter)
    yield Decided(one.key, "public", True, "email", "pendant les inscriptions", timedelta(days=21))
