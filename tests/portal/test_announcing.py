"""Announcing on one's own pages: the form, the next dates, publishing, and every press that changes something."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client, override_settings

from datacoop.accounts.rules import EDIT, SELF
from datacoop.disclosure.actions import settle
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.getting import Found, get
from datacoop.lib.dates import ZURICH
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.models import Record, Statement
from datacoop.records.rules import id_of
from tests.portal.conftest import page_of
from tests.portal.sitting import text_of
from tests.portal.test_reporting import representative, uid_of
from tests.rights.people import settle as village_of

pytestmark = pytest.mark.django_db(transaction=True)
TUESDAY = datetime.now(ZURICH).date() + timedelta(days=7 - (datetime.now(ZURICH).weekday() - 1) % 7 + 7)
SECOND, THIRD = (f"{TUESDAY + timedelta(days=7 * each)}T19:00:00" for each in (1, 2))
REHEARSAL = {
    "title": "Répétition ouverte", "day": str(TUESDAY), "start": "19:00", "end": "21:00", "repeats": "weekly",
    "times": "6", "where": "own",
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield tmp_path


@pytest.fixture
def choir(published: Callable[..., None], visitor: Client) -> UUID:
    published()
    return uid_of(page_of(visitor, "Clairière"))


def body(uid: UUID | str) -> dict[str, Any]:
    settle(datetime.now(UTC))
    found = ask(lambda reading: get(reading, PUBLIC, "activity", str(uid)), now=datetime.now(UTC))
    return dict(orjson.loads(found.body)) if isinstance(found, Found) else {}


def said_of(address: str, *properties: str) -> list[int]:
    """The numbers of what was ever said of an activity's properties."""
    number = id_of(UUID(address.rpartition("/")[2]))
    rows = Statement.objects.filter(record_id=number, property__in=properties).order_by("id")
    return list(rows.values_list("id", flat=True))


def sent(html: str) -> dict[str, list[str]]:
    """What the page before publishing sends again."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html):
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(value)
    return found


def look(client: Client, choir: UUID, **typed: Any) -> str:
    form = {**REHEARSAL, **typed, "step": "look"}
    return text_of(client.post(f"/my/{choir}/activities/new", form))


def publish(client: Client, choir: UUID, **typed: Any) -> str:
    form = sent(look(client, choir, **typed))
    answer = client.post(f"/my/{choir}/activities/new", {**form, "step": "publish"})
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def press(client: Client, address: str, step: str, **fields: str) -> str:
    return text_of(client.post(address, {"step": step, **fields}, follow=True))


class TestAnnouncing:
    def test_next_dates_are_shown_before_anything_is_published(self, choir: UUID) -> None:
        nadia = representative(choir)

        html = look(nadia, choir)

        assert html.count('name="skip"') == 6
        assert "Chaque mardi" in html
        assert not Record.objects.filter(kind="activity").exists()

    def test_what_is_published_is_seen_at_once_with_the_organisers_own_place(self, choir: UUID) -> None:
        nadia = representative(choir)
        address = publish(nadia, choir)

        assert "C’est publié" in text_of(nadia.get(address))
        seen = body(address.rpartition("/")[2])
        assert seen["title"] == "Répétition ouverte"
        assert seen["organiser"] == str(choir)
        assert seen["recurrence"] == {"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=6"}
        assert seen["addresses"][0]["street"] == "Rue du Lac 7"
        assert seen["commune"]["name"] == "Lausanne"
        assert seen["tz"] == "Europe/Zurich"

    def test_more_is_said_in_the_language_of_the_page(self, choir: UUID) -> None:
        more = {"description": "Sans audition.", "price": "Gratuit", "audience": ["seniors", "families"],
                "language": ["fr"], "theme": ["culture/chant"], "website": "https://x.example.org/m"}  # fmt: skip

        seen = body(publish(representative(choir), choir, **more).rpartition("/")[2])

        assert seen["description"] == {"fr": "Sans audition."}
        assert seen["price"] == {"fr": "Gratuit"}
        assert seen["audience"] == ["seniors", "families"]
        assert seen["theme"] == ["culture/chant"]

    def test_a_date_ticked_on_the_page_of_dates_does_not_take_place(self, choir: UUID) -> None:
        nadia = representative(choir)
        form = sent(look(nadia, choir))

        answer = nadia.post(f"/my/{choir}/activities/new", {**form, "skip": SECOND[:10], "step": "publish"})

        assert body(str(answer["Location"]).rpartition("/")[2])["recurrence"]["exdates"] == [SECOND]

    def test_elsewhere_and_online(self, choir: UUID) -> None:
        nadia = representative(choir)
        hall = {"where": "elsewhere", "place": "Salle du Four", "postal_code": "1020", "city": "Renens VD"}

        at_hall = body(publish(nadia, choir, **hall).rpartition("/")[2])
        online = body(publish(nadia, choir, title="Séance", where="online",
                              online_url="https://video.example.org/x").rpartition("/")[2])  # fmt: skip

        assert (at_hall["place"], at_hall["commune"]["name"]) == ("Salle du Four", "Renens (VD)")
        assert online["online_url"] == "https://video.example.org/x"
        assert "addresses" not in online

    @pytest.mark.parametrize(("theme", "title"), [("social/refuge", "Café"), ("sport/football", "Café du Frauenhaus")])
    def test_where_a_refuge_is_stays_untold(
        self, published: Callable[..., None], visitor: Client, theme: str, title: str
    ) -> None:
        published([f"9;Maison du Lac;Accueillir.;{theme};association;Rue du Lac 9;1005;Lausanne;;;"])
        house = uid_of(page_of(visitor, "Maison"))
        hall = {"where": "elsewhere", "place": "Salle cachée", "street": "Rue du Lac 9", "city": "Lausanne"}
        own = {} if theme == "sport/football" else hall

        seen = body(publish(representative(house), house, title=title, **own).rpartition("/")[2])

        assert seen["title"] == title
        assert not {"addresses", "place", "point"} & set(seen)

    def test_without_a_street_the_town_is_filled_in(self, choir: UUID, visitor: Client) -> None:
        club = uid_of(page_of(visitor, "Pré-Vert"))
        html = text_of(representative(club).get(f"/my/{club}/activities/new"))

        assert 'value="Epalinges"' in html
        assert 'id="where-own"' not in html

    def test_mistakes_stand_beside_their_fields_and_nothing_typed_is_lost(self, choir: UUID) -> None:
        wrong = {"title": "", "day": "demain", "times": "3", "until": str(TUESDAY), "description": "Gardé.",
                 "website": "pas d’adresse", "range_first": ["2027-02-06"], "range_last": [""]}  # fmt: skip
        html = look(representative(choir), choir, **wrong)

        for name in ("title", "day"):
            assert f'id="{name}-problem"' in html
        for text in ("demain", "Gardé.", "2027-02-06", "pas d’adresse"):
            assert text in html
        assert not Record.objects.filter(kind="activity").exists()
        assert 'id="website-problem"' in look(representative(choir), choir, website="pas d’adresse")

    def test_what_is_over_is_not_announced(self, choir: UUID) -> None:
        html = look(representative(choir), choir, day="2026-01-06", repeats="once", times="")

        assert 'id="day-problem"' in html

    def test_going_back_to_the_form_loses_nothing(self, choir: UUID) -> None:
        nadia = representative(choir)
        form = sent(look(nadia, choir, description="Sans audition."))

        html = text_of(nadia.post(f"/my/{choir}/activities/new", {**form, "step": "edit"}))

        assert "Sans audition." in html
        assert 'value="Répétition ouverte"' in html

    def test_a_second_press_publishes_nothing_more(self, choir: UUID) -> None:
        nadia = representative(choir)
        form = {**sent(look(nadia, choir)), "step": "publish"}

        places = {nadia.post(f"/my/{choir}/activities/new", form)["Location"] for _ in range(2)}

        assert len(places) == Record.objects.filter(kind="activity").count() == 1

    def test_what_looks_like_it_is_told_with_a_link(self, choir: UUID) -> None:
        nadia = representative(choir)
        publish(nadia, choir)

        assert re.search(r'href="/a/repetition-ouverte-\w+"', look(nadia, choir, title="Répétition ouverte à tous"))
        assert "/a/repetition" not in look(nadia, choir, title="Cuisson du pain")

    def test_who_may_only_correct_may_announce_and_a_stranger_may_not(self, choir: UUID, visitor: Client) -> None:
        assert body(publish(representative(choir, EDIT), choir).rpartition("/")[2])
        assert visitor.post(f"/my/{choir}/activities/new", REHEARSAL).status_code == 403
        assert Record.objects.filter(kind="activity").count() == 1


class TestChanging:
    @pytest.fixture
    def at(self, choir: UUID) -> tuple[Client, str]:
        nadia = representative(choir)
        return nadia, publish(nadia, choir)

    def of(self, at: tuple[Client, str]) -> dict[str, Any]:
        return body(at[1].rpartition("/")[2])

    def test_the_form_is_filled_and_says_only_what_was_changed(self, at: tuple[Client, str]) -> None:
        nadia, address = at
        html = text_of(nadia.get(f"{address}/change"))
        assert 'value="19:00"' in html
        nadia.post(f"{address}/change", {**REHEARSAL, "description": "Bonjour\r\nà tous", "step": "publish"})
        before, said = self.of(at), said_of(address, "title", "description", "addresses", "recurrence")

        form = {**REHEARSAL, "description": before["description"]["fr"].replace("\n", "\r\n")}
        form |= {"start": "20:00", "end": "22:00", "step": "publish"}
        assert nadia.post(f"{address}/change", form).status_code == 302

        after = self.of(at)
        assert said_of(address, "title", "description", "addresses", "recurrence") == said
        assert after["start"] == before["start"].replace("19:00", "20:00")
        assert {name for name in after if after[name] != before.get(name)} - {"modified"} == {"start", "end"}

    def test_a_text_in_another_language_stays_when_one_is_changed(self, at: tuple[Client, str]) -> None:
        nadia, address = at
        nadia.post(f"{address}/change", {**REHEARSAL, "description": "Bonjour\r\nà tous", "step": "publish"})
        assert self.of(at)["description"] == {"fr": "Bonjour\nà tous"}
        nadia.post("/language", {"language": "de", "next": "/"})
        nadia.post(f"{address}/change", {**REHEARSAL, "description": "Bonsoir", "step": "publish"})

        assert self.of(at)["description"] == {"fr": "Bonsoir"}

    def test_one_date_is_cancelled_and_takes_place_again(self, at: tuple[Client, str]) -> None:
        html = press(*at, "cancel", date=SECOND)
        assert "Cette date est annulée" in html
        assert "is-struck" in html
        assert self.of(at)["recurrence"]["overrides"] == [{"recurrence_id": SECOND, "status": "cancelled"}]

        press(*at, "takes-place", date=SECOND)
        assert "overrides" not in self.of(at)["recurrence"]

    def test_one_date_is_taken_out_and_put_back(self, at: tuple[Client, str]) -> None:
        press(*at, "take-out", date=SECOND)
        assert self.of(at)["recurrence"]["exdates"] == [SECOND]

        press(*at, "put-back", date=SECOND)
        assert "exdates" not in self.of(at)["recurrence"]

    def test_one_date_is_moved_and_back_at_its_usual_time(self, at: tuple[Client, str]) -> None:
        to = SECOND[:10]
        press(*at, "move", date=SECOND, day=to, start="18:00", end="20:30")
        assert self.of(at)["recurrence"]["overrides"] == [
            {"recurrence_id": SECOND, "start": f"{to}T18:00:00", "end": f"{to}T20:30:00"}
        ]
        assert "Déplacée" in text_of(at[0].get(at[1]))

        press(*at, "as-before", date=SECOND)
        assert "overrides" not in self.of(at)["recurrence"]

    def test_a_move_that_cannot_be_read_changes_nothing(self, at: tuple[Client, str]) -> None:
        html = press(*at, "move", date=SECOND, day="bientôt", start="18:00", end="")

        assert "bientôt" in html
        assert 'role="alert"' in html
        assert "overrides" not in self.of(at)["recurrence"]

    @pytest.mark.parametrize("step", ["cancel", "take-out", "move", "put-back"])
    def test_a_date_of_another_day_is_none(self, at: tuple[Client, str], step: str) -> None:
        before = self.of(at)
        press(*at, step, date="2031-01-01T19:00:00", day="2031-01-02", start="10:00")

        assert self.of(at)["recurrence"] == before["recurrence"]

    def test_everything_is_full_cancelled_and_takes_place(self, at: tuple[Client, str]) -> None:
        for step, status in (("full-all", "full"), ("cancel-all", "cancelled"), ("confirmed-all", "confirmed")):
            press(*at, step)
            assert self.of(at)["status"] == status

    def test_what_is_withdrawn_is_seen_by_nobody_until_it_is_shown_again(self, at: tuple[Client, str]) -> None:
        before = self.of(at)
        html = press(*at, "withdraw")
        assert "Plus personne" in html
        assert self.of(at) == {}

        press(*at, "show")
        assert {**self.of(at), "modified": 0} == {**before, "modified": 0}

    def test_who_may_only_correct_takes_back_no_word_but_their_own(self, at: tuple[Client, str], choir: UUID) -> None:
        editor = representative(choir, EDIT, "edith@example.org")
        press(editor, at[1], "withdraw")
        assert self.of(at) == {}
        press(editor, at[1], "show")
        assert self.of(at)

        press(*at, "withdraw")

        assert editor.post(at[1], {"step": "show"}).status_code == 403
        assert self.of(at) == {}

    def test_another_organisations_activity_is_not_there(self, at: tuple[Client, str], visitor: Client) -> None:
        bakers = uid_of(page_of(visitor, "Four"))
        baker = representative(bakers, email="boulanger@example.org")
        uid = at[1].rpartition("/")[2]

        for path in (uid, f"{uid}/change"):
            assert baker.get(f"/my/{bakers}/activities/{path}").status_code == 404
            assert baker.post(f"/my/{bakers}/activities/{path}", {"step": "withdraw"}).status_code == 404
        assert self.of(at)


def test_a_list_announces_and_its_organiser_confirms_corrects_or_withdraws(choir: UUID, tmp_path: Path) -> None:
    file = tmp_path / "agenda.csv"
    file.write_text(
        f"Titre;Organisateur;Début;Commune\nConcert;Chœur de la Clairière;{TUESDAY} 20:00;Lausanne\n", encoding="utf-8"
    )
    contribute(Intake((file,), "Agenda d’essai", kind="activity", published=True), actor="steward:1")
    uid = Record.objects.get(kind="activity").uid
    nadia, address = representative(choir), f"/my/{choir}/activities/{uid}"
    assert body(uid)["sources"][0]["confirmed"] is False
    assert "Pas confirmée par vous" in text_of(nadia.get(f"/my/{choir}/activities"))
    assert "Pas encore confirmée par qui" in text_of(nadia.get(f"/a/{uid}", follow=True))

    press(nadia, address, "confirm")

    assert body(uid)["sources"][0]["confirmed"] is True
    assert "Pas encore confirmée par qui" not in text_of(nadia.get(f"/a/{uid}", follow=True))
    form = {"title": "Concert", "day": str(TUESDAY), "start": "20:30", "where": "nowhere", "repeats": "once"}
    nadia.post(f"{address}/change", {**form, "step": "publish"})
    assert "T20:30" in body(uid)["start"]
    press(nadia, address, "withdraw")
    assert body(uid) == {}


def test_a_natural_person_is_not_named_and_what_they_announced_goes_with_them(
    transactional_db: None,
) -> None:
    village = village_of()
    person = representative(village.person, SELF, "marlyse@example.org")
    address = publish(person, village.person, where="nowhere")
    uid = address.rpartition("/")[2]

    seen = body(uid)
    assert "organiser" not in seen
    assert said_of(address, "title")
    assert not said_of(address, "organiser")
    assert "Vernehaut" not in orjson.dumps(seen).decode()
    erase_subjects(subject_ids=[id_of(village.person)], actor="account:1", now=datetime.now(UTC), why="test")
    assert body(uid) == {}
