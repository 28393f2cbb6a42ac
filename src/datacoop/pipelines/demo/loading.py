"""Pour the invented cooperative into an empty instance: lists, persons, decisions, characters. Safe to repeat."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Moved
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.demo.characters import (
    Introduced,
    introduce,
    is_settled,
    settle_in,
    sign_for_city,
    sign_for_developers,
)
from datacoop.pipelines.demo.controlling import introduce_controller, tell_sandbox
from datacoop.pipelines.demo.listings import Listing
from datacoop.pipelines.demo.lists import write_lists
from datacoop.pipelines.demo.stating import ACTOR, state_people
from datacoop.pipelines.demo.telling import CHOIRS, tell
from datacoop.pipelines.demo.world import World, invent
from datacoop.pipelines.intake import Intake, Report
from datacoop.records.envelopes import digest
from datacoop.sources.queries import find_list, list_lists, record_of_key

MARK: Final = "(démo)"
_ZONE: Final = ZoneInfo("Europe/Zurich")
_NAMES: Final = {"activity": "activités", "need": "besoins"}
#: What a steward corrected in the mappings proposed, column → property.
_CORRECTED: Final = {
    "organisation": {
        "N° de membre": "@id",
        "N° OFS": "commune.bfs",
        "location.extra": "addresses.extra",
        "languages": "languages",
    },
    "activity": {
        "organisateur": "organiser",
        "N° OFS": "commune.bfs",
        "tarif": "price",
        "public": "audience",
        "langue": "language",
        "accessibilité": "accessibility",
    },
    "need": {"organisation": "organisation", "N° OFS": "commune.bfs"},
}
Say = Callable[[str], None]


class DemoRefused(Exception):
    """The instance holds lists of its own: the demo must not be mixed with them."""


@dataclass(frozen=True)
class Loaded:
    """What there is now; only the run that loads tells `client`, the city's id and secret, and `letter`.

    That is somebody who was told by letter and has not answered, by name, and the code that opens their page.
    """

    is_new: bool
    characters: list[Introduced]
    client: tuple[str, str] | None = None
    letter: tuple[str, str] | None = None


def load_demo(
    *, folder: Path, clock: Callable[[], datetime], say: Say = lambda _line: None, size: float = 1.0
) -> Loaded:
    """Load the demo, writing the holders' files into `folder`; where it is loaded already, only make new links.

    `size` is the share of the whole demo, for tests.

    Raises:
        DemoRefused: the instance holds other lists.
    """
    if is_settled():
        return Loaded(False, introduce(now=clock()))
    if any(MARK not in listed.holder for listed in list_lists()):
        raise DemoRefused("This instance holds lists of its own. Load the demo into an empty one (DATACOOP_DATA_DIR).")
    say("Inventing a cooperative round Lausanne")
    introduce_controller(folder)
    world = invent(clock().astimezone(_ZONE).date(), size=size)
    paths = write_lists(folder, world)
    linked: Counter[str] = Counter()
    for listing in world.listings:
        linked += _take(_intake(world, listing, paths[listing.slug], "organisation"), clock, say).counts
    say(f"Organisations of {len(world.listings)} lists: matched {linked['matched']}, to review {linked['to_review']}")
    for name, path in paths.items():
        slug, _, kind = name.partition(":")
        if kind:
            listing = next(each for each in world.listings if each.slug == slug)
            _take(_intake(world, listing, path, kind), clock, say)
    organisations = uids_of_demo(world)
    say(f"{len(world.people)} persons, {len(world.roles)} functions, {len(world.offers)} offers, and their decisions")
    client = sign_for_city(now=clock())
    tell_sandbox(folder, sign_for_developers(now=clock()))
    people = state_people(world, organisations, now=clock())
    letter = tell(folder, clock=clock)
    say(f"{CHOIRS}: notices to six persons, in every state; agreements of all holders")
    settle_in(world, organisations, people, now=clock())
    return Loaded(True, introduce(now=clock()), client, letter)


def _intake(world: World, listing: Listing, path: Path, kind: str) -> Intake:
    return Intake(
        files=(path,),
        holder=listing.holder,
        source=_NAMES.get(kind),
        kind=kind,
        mapping=_CORRECTED[kind],
        published=listing.published,
        page=listing.page,
        page_on=world.today if listing.published else None,
    )


def _take(intake: Intake, clock: Callable[[], datetime], say: Say) -> Report:
    report = contribute(intake, actor=ACTOR, clock=clock)
    told = ("accepted", "rejected", "matched", "to_review", "visible", "hidden")
    counts = ", ".join(f"{name.replace('_', ' ')} {report.counts[name]}" for name in told)
    say(f"{intake.holder}, {intake.files[0].name}: {counts}")
    return report


def uids_of_demo(world: World) -> dict[str, uuid.UUID]:
    """Return the record each organisation of a published list became, after linking."""
    found: dict[str, uuid.UUID] = {}
    for listing in world.listings:
        listed = find_list(holder=listing.holder, kind="organisation")
        if not listing.published or listed is None:
            continue
        for row in listing.rows:
            uid = record_of_key(listed.source_id, digest("row", row.key))
            if uid is not None:
                found.setdefault(row.organisation, uid)
    with reading() as r:
        answers = {key: get(r, PUBLIC, "organisation", str(uid)) for key, uid in found.items()}
    return {key: uuid.UUID(a.id) if isinstance(a := answers[key], Moved) else uid for key, uid in found.items()}
