"""A small published list, brought in as every list is, and a browserless visitor."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from datacoop.accounts.actions import create_link, open_account
from datacoop.disclosure.actions import settle
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.portal import limits
from datacoop.portal.views.organisations import find_one
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin, id_of

Announce = Callable[..., UUID]

HEADER = "Numéro;Nom;But;Thème;Nature;Rue;NPA;Localité;E-mail;Téléphone;Site web"
ROWS = [
    "1;Chœur de la Clairière;Chanter ensemble <b>sans</b> audition.;culture/chant;association;Rue du Lac 7;1005;"
    "Lausanne;info@clairiere.example.org;+41 21 555 12 34;https://clairiere.example.org",
    "2;Les Amis du Four;Cuire le pain du village.;quartier/vie;association;Chemin du Four 2;1020;Renens VD;"
    "four@amis-du-four.example.org;;",
    "3;FC Pré-Vert;Du football pour tout le monde.;sport/football;association;;1066;Epalinges;;;",
]


@pytest.fixture(autouse=True)
def _nobody_wrote_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count for everybody: each test begins anew."""
    for name, limit in (("LETTERS", 10), ("LETTERS_FROM", 5), ("LETTERS_TO", 30)):
        monkeypatch.setattr(f"datacoop.portal.views.letters.{name}", limits.Limit(most=limit, seconds=60))
    codes = (f"entering.CODES{of}" for of in ("", "_OF_SITES", "_OF_PROVIDERS", "_OF_ALL"))
    for name in (*codes, "entering.LINKS", "proving.PROOFS", "proving.PROOFS_TO"):
        monkeypatch.setattr(f"datacoop.portal.views.own.{name}", limits.Limit(most=500, seconds=60))


@pytest.fixture
def visitor() -> Client:
    """Somebody who reads French and has no cookie."""
    return Client(headers={"accept-language": "fr"})


@pytest.fixture
def published(transactional_db: None, tmp_path: Path) -> Callable[..., None]:
    """Bring in rows as a published list; without any, the three above."""

    def bring(rows: list[str] | None = None, *, published: bool = True) -> None:
        file = tmp_path / "liste.csv"
        file.write_text("\n".join([HEADER, *(ROWS if rows is None else rows)]), encoding="utf-8")
        contribute(
            Intake((file,), "Registre d’essai", published=published, page="https://liste.example.org"),
            actor="steward:test",
        )

    return bring


@pytest.fixture
def steward(transactional_db: None) -> Client:
    """A steward who has signed in through the link."""
    now = datetime.now(UTC)
    open_account(email="steward@example.org", name="Steward", now=now, is_steward=True)
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email='steward@example.org', now=now)}")
    return client


@pytest.fixture
def announce(visitor: Client, published: Callable[..., None]) -> Announce:
    """Let the choir of the small list announce an activity so many days from now."""
    published()
    page = page_of(visitor, "Clairière")
    organiser = str((find_one("organisation", page.removeprefix("/o/")) or {})["id"])

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    def announced(name: str, days: int, theme: str = "culture/chant", **values: object) -> UUID:
        with revision(actor="steward:1", now=now, why="test") as draft:
            record = create_record(draft, kind="activity")
            start = (now + timedelta(days=days)).isoformat()
            told = {"title": name, "theme": theme, "start": start, **values}
            said = [Said("organiser", organiser, refers=id_of(UUID(organiser)))]
            said += [Said(each, value) for each, value in told.items()]
            state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
        settle(datetime.now(UTC))
        return record.uid

    return announced


def page_of(client: Client, name: str) -> str:
    """The address of the page of the one organisation that a search for its name finds."""
    html = client.get("/organisations", {"q": name}).content.decode()
    return "/o/" + html.split('href="/o/')[1].split('"')[0]
