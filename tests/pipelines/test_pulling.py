"""Pulling lists from their addresses: what is taken in, what waits for a steward, what is told when it fails."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from datacoop.jobs.registry import periodic, registered
from datacoop.pipelines import pulling
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake
from datacoop.pipelines.pulling import NothingHeld, Pulled, accept_held, pull, pull_due, reject_held
from datacoop.pipelines.undoing import undo_last
from datacoop.sources.actions import Named, ensure_list, is_under_way, open_contribution
from datacoop.sources.describing import Description, DescriptionRefused, describe, described
from datacoop.sources.doubting import Doubt
from datacoop.sources.history import list_deliveries
from datacoop.sources.models import HeldFile
from datacoop.sources.pulls import PullFacts, find_held
from datacoop.sources.reaching import Reach
from tests.pipelines.pouring import HOLDER, Row, club, clubs, seen, take, verify, write
from tests.pipelines.web import HOST, Answer, Web, served

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
Give = Callable[..., None]


@pytest.fixture
def web(settings: Any, tmp_path: Path) -> Iterator[Web]:
    settings.DATACOOP_PULL_HOSTS = frozenset({HOST})
    settings.DATACOOP_DATA_DIR = tmp_path / "data"
    with served() as web:
        yield web


@pytest.fixture
def give(web: Web, tmp_path: Path) -> Give:
    """Let the address give a list."""

    def given(rows: list[Row], *, etag: str = "") -> None:
        body = write(tmp_path, rows, "served.csv").read_bytes()
        web.answers["/liste.csv"] = Answer(body, headers={"ETag": etag} if etag else {})

    return given


@pytest.fixture
def source(web: Web) -> int:
    """A list that nobody ever delivered, pulled every day."""
    return described_list(web)


def described_list(web: Web, **facts: Any) -> int:
    listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)
    wished = Description(**{"address": web.url("/liste.csv"), "pull_hours": 24, **facts})
    describe(listed.source_id, wished, now=NOW, reach=Reach({HOST}))
    return listed.source_id


def pulled(source: int, *, hours: float = 0) -> Pulled:
    (found,) = pull(source_id=source, clock=lambda: NOW + timedelta(hours=hours))
    return found


def facts(source: int) -> PullFacts:
    return described(source, now=NOW).pull


def left() -> list[str]:
    folder = Path(django_settings.DATACOOP_DATA_DIR) / "pulled"
    return [path.name for each in folder.iterdir() for path in each.iterdir()] if folder.is_dir() else []


class TestTaking:
    def test_takes_in_what_the_address_gives_and_keeps_no_file(self, source: int, give: Give) -> None:
        give(clubs(6))

        assert pulled(source).outcome == "changed"

        (delivery,) = list_deliveries(source)
        assert (delivery.state, delivery.actor, delivery.counts["new"]) == ("accepted", "pull", 6)
        assert (facts(source).good_at, facts(source).next_at) == (NOW, NOW + timedelta(hours=24))
        assert left() == []
        assert verify() == []

    @pytest.mark.parametrize("etag", ['"v1"', ""], ids=["by its ETag", "by its bytes"])
    def test_changes_nothing_where_nothing_changed(self, source: int, give: Give, web: Web, etag: str) -> None:
        give(clubs(6), etag=etag)
        pulled(source)

        assert pulled(source, hours=24).outcome == "same"

        assert len(list_deliveries(source)) == 1
        assert facts(source).good_at == NOW + timedelta(hours=24)
        assert web.asked[1][1].get("if-none-match", "") == etag

    def test_takes_in_a_change(self, source: int, give: Give) -> None:
        give(clubs(6), etag='"v1"')
        pulled(source)
        give([*clubs(5), club(70)], etag='"v2"')

        assert pulled(source).outcome == "changed"

        assert list_deliveries(source)[0].counts["new"] == 1
        assert list_deliveries(source)[0].counts["vanished"] == 1

    def test_is_not_published_by_being_pulled(self, source: int, give: Give) -> None:
        give(clubs(6))

        pulled(source)

        assert seen() == {}

    def test_keeps_persons_where_the_last_delivery_did(self, source: int, give: Give, tmp_path: Path) -> None:
        rows = [club(n, Président=f"Jeanne Exemple {n}") for n in range(1, 7)]
        take(write(tmp_path, rows), with_persons=True, source="liste")
        give([*rows, club(7, Président="Jean Exemple")])

        assert pulled(source).outcome == "changed"

        assert list_deliveries(source)[0].counts["vanished"] == 0


class TestCalendars:
    """What pulling does for lists it does for calendars."""

    def give(self, web: Web, count: int, etag: str) -> None:
        events = "".join(
            f"BEGIN:VEVENT\r\nUID:{n}@example.org\r\nSUMMARY:Concert {n}\r\n"
            f"DTSTART:202612{n + 10}T190000Z\r\nEND:VEVENT\r\n"
            for n in range(count)
        )
        body = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n".encode()
        web.answers["/agenda.ics"] = Answer(body, headers={"ETag": etag})

    def test_are_pulled_asked_for_by_their_etag_and_never_emptied(self, web: Web) -> None:
        source = ensure_list(named=Named(HOLDER, "activity"), now=NOW).source_id
        wished = Description(address=web.url("/agenda.ics"), pull_hours=24)
        describe(source, wished, now=NOW, reach=Reach({HOST}))
        self.give(web, 6, '"v1"')

        assert [pulled(source).outcome, pulled(source, hours=24).outcome] == ["changed", "same"]
        assert web.asked[1][1]["if-none-match"] == '"v1"'
        self.give(web, 0, '"v2"')
        assert (pulled(source, hours=48).outcome, pulled(source, hours=72).code) == ("failed", "empty")
        self.give(web, 1, '"v3"')
        assert pulled(source, hours=96).outcome == "held"
        self.give(web, 5, '"v4"')
        assert pulled(source, hours=120).outcome == "changed"

        counts = [each.counts for each in list_deliveries(source) if each.state == "accepted"]
        assert [(each.get("new", 0), each.get("vanished", 0)) for each in counts] == [(0, 1), (6, 0)]


class TestDue:
    def test_is_what_the_periodic_job_pulls(self, source: int, give: Give) -> None:
        give(clubs(6))

        assert (pull_due(now=NOW - timedelta(minutes=1)), pull_due(now=NOW), pull_due(now=NOW)) == (0, 1, 0)
        assert registered["pipelines.pull_lists"].work is pull_due
        assert periodic["pipelines.pull_lists"] <= 3600

    def test_is_nothing_without_a_schedule(self, web: Web, give: Give) -> None:
        source = described_list(web, pull_hours=None)
        give(clubs(6))

        assert pull_due(now=NOW + timedelta(days=400)) == 0
        assert pulled(source).outcome == "changed"

    def test_is_pulled_by_one_at_a_time(self, source: int, give: Give, web: Web) -> None:
        give(clubs(6))
        inside: list[int] = []
        web.answers["/liste.csv"].before_piece = lambda: inside.append(len(pull(due_by=NOW)))

        pulled(source)

        assert inside == [0]

    def test_waits_for_its_next_turn_while_somebody_brings_the_list_in(
        self, source: int, give: Give, tmp_path: Path
    ) -> None:
        give(clubs(8), etag='"v1"')
        inside: list[Pulled] = []
        intake = Intake((write(tmp_path, clubs(6)),), HOLDER, "liste")

        report = contribute(
            intake, actor="steward:1", clock=lambda: NOW,
            progress=lambda *_: inside.extend(pull(due_by=NOW, clock=lambda: NOW)),
        )  # fmt: skip

        assert report.counts["new"] == 6
        assert [each.outcome for each in inside] == ["busy"]
        assert "Another delivery of this list is being taken in just now" in inside[0].message
        noted = facts(source)
        assert (noted.problem, noted.failures, noted.good_at) == ("busy", 0, None)
        assert noted.next_at == NOW + timedelta(minutes=15)
        assert [each.actor for each in list_deliveries(source)] == ["steward:1"]
        assert left() == []
        (later,) = pull(due_by=NOW + timedelta(minutes=15), clock=lambda: NOW + timedelta(minutes=15))
        assert (later.outcome, facts(source).problem) == ("changed", "")
        assert list_deliveries(source)[0].counts["new"] == 2

    def test_that_was_stopped_half_way_is_begun_again(self, source: int, give: Give) -> None:
        """Nobody else takes the place of one that still shows signs of life."""
        give(clubs(6))
        opened = open_contribution(source_id=source, names=["l.csv"], sha256="", actor="steward:1", now=NOW)

        assert pulled(source).outcome == "busy"
        assert is_under_way(opened)
        assert pulled(source, hours=1).outcome == "changed"
        assert not is_under_way(opened)


class TestFailing:
    def test_is_told_with_the_list_and_tried_again_later_and_later(self, source: int, give: Give, web: Web) -> None:
        give(clubs(6))
        pulled(source)
        web.answers["/liste.csv"] = Answer(status=503)
        pauses = []
        for hour in (24, 25, 26, 27):
            assert pulled(source, hours=hour).outcome == "failed"
            next_at = facts(source).next_at
            assert next_at is not None
            pauses.append((next_at - NOW - timedelta(hours=hour)).total_seconds() / 60)

        found = facts(source)
        assert pauses == [15, 30, 60, 120]
        assert (found.problem, found.detail, found.failures, found.good_at) == ("status", "503", 4, NOW)
        give(clubs(6))
        pulled(source, hours=28)
        assert (facts(source).problem, facts(source).failures) == ("", 0)

    def test_leaves_the_list_as_it_was_and_no_file(self, source: int, web: Web, give: Give) -> None:
        give(clubs(6))
        pulled(source)
        web.answers["/liste.csv"] = Answer(b"<!doctype html><table><tr><td>gone</td></tr></table>")

        assert (pulled(source).outcome, facts(source).problem) == ("failed", "html")

        assert left() == []
        assert list_deliveries(source)[-1].state == "accepted"

    def test_of_the_first_pull_keeps_the_list_and_its_address(self, source: int, web: Web) -> None:
        web.answers["/liste.csv"] = Answer(b"\x00\x01 no list")

        assert pulled(source).outcome == "failed"

        assert described(source, now=NOW).description.address == web.url("/liste.csv")

    def test_of_one_list_stops_no_other(self, source: int, give: Give, web: Web) -> None:
        other = ensure_list(named=Named("Paroisse d'Exemple", "organisation"), now=NOW).source_id
        describe(other, Description(address=web.url("/autre.csv")), now=NOW, reach=Reach({HOST}))
        give(clubs(6))

        assert sorted(each.outcome for each in pull(clock=lambda: NOW)) == ["changed", "failed"]

    def test_by_our_own_mistake_is_told_too(self, source: int, give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
        give(clubs(6))

        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError("secret@example.org")

        monkeypatch.setattr(pulling, "contribute", fail)
        with pytest.raises(ZeroDivisionError):
            pulled(source)

        assert (facts(source).problem, facts(source).detail) == ("inside", "ZeroDivisionError")
        assert left() == []

    @pytest.mark.parametrize("address", ["http://10.0.0.1/l.csv", "http://localhost/l.csv", "http://[::1]/l.csv"])
    def test_is_all_that_private_addresses_get(self, web: Web, address: str) -> None:
        """Where the operator once named the host, and does no longer."""
        listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)
        once = Reach({"10.0.0.1", "localhost", "::1"})
        describe(listed.source_id, Description(address=address, pull_hours=24), now=NOW, reach=once)
        source = listed.source_id

        assert (pulled(source).outcome, facts(source).problem) == ("failed", "address-private")


class TestDoubting:
    MENU = [{"Plat": f"Plat {n}", "Prix": f"{n}.50", "Nom": f"Entrée {n}"} for n in range(1, 9)]

    def _held(self, source: int, give: Give, rows: list[Row]) -> Pulled:
        give(clubs(8), etag='"v1"')
        pulled(source)
        give(rows, etag='"v2"')
        return pulled(source, hours=1)

    def test_lets_a_file_wait_that_is_unlike_the_last_one(self, source: int, give: Give) -> None:
        found = self._held(source, give, self.MENU)

        assert (found.outcome, found.doubts[0].code) == ("held", "columns-gone")
        held = find_held(source)
        assert held is not None
        assert (held.name, held.counts["read"]) == ("liste.csv", 8)
        assert left() == ["liste.csv"]
        assert facts(source).good_at == NOW
        assert len(list_deliveries(source)) == 2
        assert verify() == []

    def test_lets_a_file_wait_in_which_too_much_vanished(self, source: int, give: Give) -> None:
        found = self._held(source, give, clubs(3))

        assert (found.outcome, [d.code for d in found.doubts]) == ("held", ["many-vanished"])

    def test_lets_a_file_wait_with_too_few_or_too_many_rows(self, web: Web, give: Give) -> None:
        source = described_list(web, rows_from=7, rows_to=9)

        found = self._held(source, give, clubs(10))

        assert (found.outcome, [d.code for d in found.doubts]) == ("held", ["rows-many"])

    def test_does_not_ask_twice_about_the_same_file(self, source: int, give: Give) -> None:
        self._held(source, give, clubs(3))

        assert pulled(source, hours=25).outcome == "same"

        assert find_held(source) is not None
        assert facts(source).good_at == NOW

    def test_takes_the_file_in_once_a_steward_says_so(self, source: int, give: Give) -> None:
        self._held(source, give, clubs(3))

        report = accept_held(source_id=source, actor="steward:1", clock=lambda: NOW + timedelta(hours=2))

        assert report.counts["vanished"] == 5
        assert (find_held(source), left()) == (None, [])
        assert facts(source).good_at == NOW + timedelta(hours=2)
        assert pulled(source, hours=25).outcome == "same"
        assert verify() == []

    def test_tells_every_doubt_at_once_with_the_rows_that_would_vanish(self, source: int, give: Give, web: Web) -> None:
        give(clubs(30))
        pulled(source)
        menu = "\n".join(["Name;Preis", *(f"Plat numéro {n};CHF {10 + n}.50" for n in range(10))])
        web.answers["/liste.csv"] = Answer(menu.encode())

        told = {each.code: each for each in pulled(source, hours=24).doubts}

        assert told.keys() >= {"like-a-price-list", "columns-gone", "many-vanished"}
        assert (told["many-vanished"].count, told["many-vanished"].of) == (30, 30)

    def test_asks_again_about_a_doubt_that_was_not_told(self, source: int, give: Give) -> None:
        give(clubs(30))
        pulled(source)
        give(clubs(10))
        pulled(source, hours=24)
        HeldFile.objects.update(doubts=[Doubt("no-place-nor-contact").as_json()])

        with pytest.raises(ContributionRefused, match="20 of 30 rows"):
            accept_held(source_id=source, actor="steward:1", clock=lambda: NOW)
        held = find_held(source)
        assert held is not None
        assert [each["code"] for each in held.doubts] == ["no-place-nor-contact", "many-vanished"]
        assert list_deliveries(source)[0].state == "refused"

        report = accept_held(source_id=source, actor="steward:1", clock=lambda: NOW)
        assert report.counts["vanished"] == 20
        assert left() == []

    def test_removes_the_file_once_a_steward_says_no_and_tells_that_the_list_is_old(
        self, source: int, give: Give
    ) -> None:
        self._held(source, give, clubs(3))

        reject_held(source_id=source, now=NOW)

        assert (find_held(source), left(), facts(source).problem) == (None, [], "rejected")
        assert pulled(source, hours=25).outcome == "same"
        assert (facts(source).problem, facts(source).good_at) == ("rejected", NOW)
        with pytest.raises(NothingHeld):
            accept_held(source_id=source, actor="steward:1")

    def test_a_better_file_takes_the_place_of_one_that_waits(self, source: int, give: Give) -> None:
        self._held(source, give, self.MENU)
        give(clubs(2), etag='"v3"')
        pulled(source, hours=2)
        assert len(left()) == 1
        give(clubs(9), etag='"v4"')

        assert pulled(source, hours=3).outcome == "changed"

        assert (find_held(source), left()) == (None, [])

    def test_nobody_is_asked_for_more_than_thirty_days(self, source: int, give: Give) -> None:
        self._held(source, give, clubs(3))

        (again,) = pull(source_id=source, clock=lambda: NOW + timedelta(days=31))

        assert again.outcome == "held"
        assert len(left()) == 1

    def test_a_file_that_was_undone_is_not_taken_in_again_by_itself(self, source: int, give: Give) -> None:
        give(clubs(8))
        pulled(source)
        give([*clubs(8), club(9)])
        pulled(source, hours=1)
        undo_last(source_id=source, actor="steward:1")

        assert pulled(source, hours=2).outcome == "same"
        assert facts(source).problem == "undone"
        assert list_deliveries(source)[0].undoes == 2
        give(clubs(8))
        pulled(source, hours=3)
        give([*clubs(8), club(9)])
        found = pulled(source, hours=4)
        assert (found.outcome, [d.code for d in found.doubts]) == ("held", ["undone-before"])


class TestManualDeliveries:
    def test_are_asked_about_too_and_can_be_confirmed(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(8)))
        menu = write(tmp_path, TestDoubting.MENU, "menu.csv")
        before = seen()

        with pytest.raises(ContributionRefused, match=r"right file.*--accept-unlike") as refused:
            take(menu, accept_removals=True)

        assert refused.value.report is not None
        assert [d["code"] for d in refused.value.report.as_json()["doubts"]] == ["columns-gone"]  # type: ignore[attr-defined]
        assert seen() == before
        take(menu, accept_removals=True, accept_unlike=True)
        assert len(seen()) == 8
        assert verify() == []

    def test_say_so_on_a_trial(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(8)))

        with pytest.raises(ContributionRefused, match="right file") as refused:
            take(write(tmp_path, TestDoubting.MENU, "menu.csv"), dry_run=True)

        assert refused.value.report is not None
        assert refused.value.report.counts["visible"] + refused.value.report.counts["hidden"] == 8

    def test_of_unexpected_length_are_asked_about(self, tmp_path: Path) -> None:
        listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)
        describe(listed.source_id, Description(rows_from=5), now=NOW, reach=Reach())

        with pytest.raises(ContributionRefused, match="at least 5"):
            take(write(tmp_path, clubs(4)))

        take(write(tmp_path, clubs(4)), accept_unlike=True)
        assert len(seen()) == 4


class TestDescribing:
    @pytest.mark.parametrize(
        ("wished", "field"),
        [
            (Description(address="http://user:x@example.org/"), "address"),
            (Description(address="https://example.org:22/"), "address"),
            (Description(rows_from=9, rows_to=8), "rows_to"),
            (Description(every_days=100_000), "every_days"),
            (Description(address="https://example.org/", pull_hours=5), "pull_hours"),
            (Description(publisher="x" * 201), "publisher"),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, wished: Description, field: str) -> None:
        listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)

        with pytest.raises(DescriptionRefused) as refused:
            describe(listed.source_id, wished, now=NOW, reach=Reach())

        assert refused.value.field == field
        assert described(listed.source_id, now=NOW).description == Description()

    def test_keeps_every_fact(self) -> None:
        listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)
        wished = Description(
            "Commune", "liste@example.org", "CC BY 4.0", 30, 100, 120, "https://example.org/l.csv", 168
        )

        describe(listed.source_id, wished, now=NOW, reach=Reach())

        assert described(listed.source_id, now=NOW).description == wished

    def test_tells_that_a_delivery_is_late(self) -> None:
        listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)
        describe(listed.source_id, Description(every_days=30), now=NOW, reach=Reach())

        assert described(listed.source_id, now=NOW + timedelta(days=29)).late_since is None
        assert described(listed.source_id, now=NOW + timedelta(days=31)).late_since == NOW + timedelta(days=30)
