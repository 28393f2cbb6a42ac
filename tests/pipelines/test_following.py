"""What is taken from another cooperative's feed, and what is not: against a server that answers as it is told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datacoop.jobs.registry import periodic
from datacoop.ledger.rules import canonical
from datacoop.ledger.signing import public_keys, sign
from datacoop.pipelines import following
from datacoop.pipelines.apps import FOLLOW_FEEDS
from datacoop.pipelines.following import Asked, FeedRefused, Followed, follow, follow_all, follow_due
from datacoop.records.models import Record
from datacoop.records.rules import id_of
from datacoop.sources.feeds import FeedTakenError, find_feed, list_feeds
from tests.api.world import add
from tests.pipelines.pouring import seen, verify
from tests.pipelines.web import HOST, Answer, Web, served

pytestmark = pytest.mark.django_db(transaction=True)
HOLDER = "Coopérative voisine"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
Item = dict[str, Any]


@pytest.fixture
def web(settings: Any, tmp_path: Path) -> Iterator[Web]:
    settings.DATACOOP_PULL_HOSTS = frozenset({HOST})
    settings.DATACOOP_DATA_DIR = tmp_path / "data"
    with served() as web:
        yield web


class Neighbour:
    """Another cooperative, as its addresses answer."""

    def __init__(self, web: Web) -> None:
        self.web, self.pages, self.base = web, 0, web.url("")
        web.answers["/.well-known/jwks.json"] = Answer()
        self.give([])
        self.retract([])

    def give(self, items: list[Item], after: str = "") -> str:
        """Answer with these items after a position, and nothing behind them; return the position there."""
        self.pages += 1
        end = f"p{self.pages}"
        self._page("changes", after, items, end)
        self._page("changes", end, [], end)
        return end

    def retract(self, items: list[Item], after: str = "", *, forged: bool = False) -> None:
        self.pages += 1
        end = f"r{self.pages}"
        self.retracted = end
        for position, told in ((after, items), (end, [])):
            page = {"items": told, "next": self._next("retractions", end)}
            signed = sign(canonical({**page, "items": []} if forged else page), typ="retractions+jws")
            self._put("retractions", position, {**page, "signature": signed})
        self.web.answers["/.well-known/jwks.json"] = Answer(json.dumps(public_keys()).encode())

    def forget(self, position: str, path: str = "changes") -> None:
        self.web.answers[self._path(path, position)] = Answer(b"{}", status=400)

    def _page(self, path: str, after: str, items: list[Item], end: str) -> None:
        self._put(path, after, {"items": items, "next": self._next(path, end), "license": LICENCE})

    def _put(self, path: str, after: str, page: Item) -> None:
        self.web.answers[self._path(path, after)] = Answer(json.dumps(page).encode())

    def _path(self, path: str, after: str) -> str:
        return f"/api/v1/{path}?limit={following.PAGE}" + (f"&after={after}" if after else "")

    def _next(self, path: str, end: str) -> str:
        # Where it leads is not believed.
        return f"http://elsewhere.example.org/api/v1/{path}?after={end}&limit=500"


@pytest.fixture
def neighbour(web: Web) -> Neighbour:
    return Neighbour(web)


def uid_of(number: int) -> str:
    return str(uuid.UUID(int=(number << 80) | (4 << 76) | (8 << 60) | number, version=4))


def club(number: int, **values: Any) -> Item:
    uid = uid_of(number)
    data = {"id": uid, "kind": "organisation", "name": f"Club {'ABCDEFGHIJ'[number]}", "modified": 1763900000}
    data |= {"addresses": [{"postal_code": "1005", "city": "Lausanne", "country": "CH"}], **values}
    return {"id": uid, "kind": data["kind"], "modified": 1, "state": "updated", "data": data}


def gone(number: int) -> Item:
    return {"id": uid_of(number), "kind": "organisation", "modified": 2, "state": "deleted"}


def taken(number: int) -> Item:
    return {"id": uid_of(number), "kind": "organisation", "state": "deleted", "at": "2026-11-30T10:00:00Z"}


def run(neighbour: Neighbour, **asked: Any) -> Followed:
    return follow(address=neighbour.base, holder=HOLDER, pull_hours=1, asked=Asked(**asked))


class TestTaking:
    def test_keeps_uids_names_the_origin_and_follows(self, neighbour: Neighbour) -> None:
        end = neighbour.give([club(1), club(2, website="https://b.example.org/")])

        assert run(neighbour).counts["new"] == 2

        shown = seen()
        assert {name: each["id"] for name, each in shown.items()} == {"Club B": uid_of(1), "Club C": uid_of(2)}
        assert shown["Club C"]["website"] == "https://b.example.org/"
        assert shown["Club B"]["sources"] == [
            {"holder": HOLDER, "confirmed": False, "page": neighbour.base, "origin": neighbour.base}
        ]
        end = neighbour.give([club(1, name="Club Un"), gone(2), club(3)], end)
        assert run(neighbour).counts == {"new": 1, "changed": 1, "vanished": 1}
        assert {name: each["id"] for name, each in seen().items()} == {"Club Un": uid_of(1), "Club D": uid_of(3)}
        assert run(neighbour).outcome == "same"
        assert verify() == []

    def test_an_activity_finds_its_organiser_and_a_section_its_umbrella(self, neighbour: Neighbour) -> None:
        choir = club(2, kind="activity", title="Répétition", organiser=uid_of(1), start="2031-05-01T18:00:00Z")
        del choir["data"]["name"], choir["data"]["addresses"]
        neighbour.give([choir, club(1, part_of=[uid_of(3)]), club(3)])

        run(neighbour)

        assert seen("activity")["Répétition"]["organiser"] == uid_of(1)
        assert seen()["Club B"]["part_of"] == [uid_of(3)]

    def test_a_number_that_is_taken_gives_the_record_another_uid_and_it_is_known_again(
        self, neighbour: Neighbour
    ) -> None:
        same_number = str(uuid.UUID(int=uuid.UUID(uid_of(1)).int + 1))
        add("organisation", 1, name="Les nôtres")
        item = club(2)
        item["id"] = item["data"]["id"] = same_number
        end = neighbour.give([item])
        run(neighbour)
        assert seen()["Club C"]["id"] != same_number

        neighbour.give([{**item, "data": {**item["data"], "name": "Club Neuf"}}], end)
        assert run(neighbour).counts == {"changed": 1}
        assert sorted(seen()) == ["Club Neuf", "Les nôtres"]

    def test_neither_contacts_nor_persons_nor_unknown_things_travel(self, neighbour: Neighbour) -> None:
        role = {**club(2, kind="role"), "kind": "role"}
        thing = {**club(3, kind="thing"), "kind": "thing"}
        neighbour.give([club(1, email="info@b.example.org", phones=["+41 21 555 12 34"]), role, thing])

        run(neighbour)

        assert not seen()["Club B"].keys() & {"email", "phones"}
        assert set(Record.objects.values_list("kind", flat=True)) == {"organisation"}

    def test_a_kill_before_the_position_is_noted_costs_nothing(
        self, neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        neighbour.give([club(1)])
        with monkeypatch.context() as patched:
            patched.setattr(following, "note_followed", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                run(neighbour)
        assert list(seen()) == ["Club B"]

        assert run(neighbour).outcome == "same"
        assert [each["id"] for each in seen().values()] == [uid_of(1)]


class TestLoops:
    def test_what_is_ours_is_not_taken_back(self, neighbour: Neighbour) -> None:
        ours = add("organisation", 1, name="Les nôtres")
        item = club(2)
        item["id"] = item["data"]["id"] = ours
        neighbour.give([item, club(3)])

        run(neighbour)

        assert sorted(seen()) == ["Club D", "Les nôtres"]

    def test_what_comes_from_a_third_is_left_to_it_and_given_up_once_it_does(self, neighbour: Neighbour) -> None:
        third = [{"holder": "Une autre", "confirmed": False, "origin": "https://third.example.org"}]
        end = neighbour.give([club(1), club(2, sources=third)])
        run(neighbour)
        assert list(seen()) == ["Club B"]

        neighbour.give([club(1, sources=third)], end)
        assert run(neighbour).counts == {"vanished": 1}
        assert seen() == {}

    def test_our_own_feed_is_not_followed(self, web: Web, settings: Any) -> None:
        settings.DATACOOP_BASE_URL = web.url("")

        with pytest.raises(FeedRefused, match="our own"):
            follow(address=web.url("/api/v1/changes"), holder=HOLDER, pull_hours=None, asked=Asked())
        assert list_feeds() == []


class TestWhatWasTakenAway:
    def test_is_taken_away_here_though_the_feed_does_not_say_so_yet(self, neighbour: Neighbour) -> None:
        neighbour.give([club(1), club(2)])
        run(neighbour)
        neighbour.retract([taken(1)], neighbour.retracted)

        assert run(neighbour).counts == {"vanished": 1}
        assert list(seen()) == ["Club C"]

    def test_stays_where_the_feed_tells_of_it_since(self, neighbour: Neighbour) -> None:
        neighbour.retract([taken(1)])
        neighbour.give([club(1)])

        run(neighbour)

        assert list(seen()) == ["Club B"]

    @pytest.mark.parametrize("name", [None, " "], ids=["not told", "blank"])
    def test_a_record_whose_name_is_not_told_any_more_goes(self, neighbour: Neighbour, name: str | None) -> None:
        end = neighbour.give([club(1), club(2)])
        run(neighbour)
        item = club(1, name=name, website="https://b.example.org/")
        if name is None:
            del item["data"]["name"]
        neighbour.give([item], end)

        assert run(neighbour).counts == {"vanished": 1}

        assert sorted(seen()) == ["Club C"]

    def test_a_property_that_is_not_told_any_more_goes(self, neighbour: Neighbour) -> None:
        end = neighbour.give([club(1, website="https://b.example.org/")])
        run(neighbour)
        neighbour.give([club(1)], end)

        run(neighbour)

        assert "website" not in seen()["Club B"]

    def test_must_be_signed(self, neighbour: Neighbour) -> None:
        neighbour.give([club(1)])
        neighbour.retract([taken(1)], forged=True)

        assert run(neighbour).code == "signature"
        assert seen() == {}
        assert following.find_list_of_feed(find_feed(HOLDER), "organisation") is None  # type: ignore[arg-type]


class TestARestore:
    def test_begins_anew_and_lets_go_what_is_not_told_any_more(self, neighbour: Neighbour) -> None:
        end = neighbour.give([club(number) for number in range(6)])
        run(neighbour)
        neighbour.forget(end)
        neighbour.give([club(number) for number in range(5)])

        assert run(neighbour).counts == {"vanished": 1}
        assert len(seen()) == 5

    def test_asks_before_many_go(self, neighbour: Neighbour) -> None:
        end = neighbour.give([club(number) for number in range(6)])
        run(neighbour)
        neighbour.forget(end)
        neighbour.give([club(1), gone(2)])

        assert run(neighbour).code == "many-vanished"
        assert len(seen()) == 5
        assert run(neighbour, accept_removals=True).counts == {"vanished": 4}
        assert list(seen()) == ["Club B"]

    def test_many_go_at_once_where_it_says_so_of_each(self, neighbour: Neighbour) -> None:
        end = neighbour.give([club(number) for number in range(6)])
        run(neighbour)
        neighbour.give([gone(number) for number in range(6)], end)

        assert run(neighbour).counts == {"vanished": 6}
        assert seen() == {}


NO_FEEDS = (
    b"<html>",
    b"[]",
    b'{"items": 1}',
    b'{"items": []}',
    b'{"items": [1], "next": "?after=x"}',
    b'{"items": [{"kind": "organisation", "state": "updated", "id": "x", "data": {}}], "next": "?after=x"}',
)


class TestWhatGoesWrong:
    def test_is_told_and_changes_nothing(self, neighbour: Neighbour) -> None:
        for answer in NO_FEEDS:
            neighbour.web.answers[f"/api/v1/changes?limit={following.PAGE}"] = Answer(answer)

            assert run(neighbour).code == "no-feed", answer
            feed = find_feed(HOLDER)
            assert feed is not None
            assert (feed.problem, feed.position) == ("no-feed", "")

    def test_a_private_address_is_refused_unless_named(self, neighbour: Neighbour, settings: Any) -> None:
        settings.DATACOOP_PULL_HOSTS = frozenset()

        with pytest.raises(FeedRefused, match="private"):
            run(neighbour)

    def test_one_holder_has_one_feed(self, neighbour: Neighbour) -> None:
        run(neighbour)

        with pytest.raises(FeedTakenError):
            follow(address=neighbour.base, holder="Une autre", pull_hours=None, asked=Asked())
        with pytest.raises(FeedTakenError):
            follow(address=f"{neighbour.base}/other", holder=HOLDER, pull_hours=None, asked=Asked())

    def test_what_nothing_was_ever_read_from_is_corrected(self, neighbour: Neighbour) -> None:
        wrong = follow(address=f"{neighbour.base}/typo", holder=HOLDER, pull_hours=None, asked=Asked())
        assert wrong.outcome == "failed"
        misnamed = follow(address=f"{neighbour.base}/other", holder="Coopérative", pull_hours=None, asked=Asked())
        assert misnamed.outcome == "failed"

        neighbour.give([club(1)])
        assert run(neighbour).counts == {"new": 1}
        assert follow(
            address=f"{neighbour.base}/other", holder="Une autre", pull_hours=None, asked=Asked()
        ).outcome == "failed"  # fmt: skip

        assert [find_feed(each) is not None for each in (HOLDER, "Coopérative", "Une autre")] == [True, False, True]
        assert sorted(list_feeds()) == [neighbour.base, f"{neighbour.base}/other"]

    def test_a_feed_that_brought_something_before_it_failed_is_kept(
        self, neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        neighbour.give([club(1)])
        with monkeypatch.context() as patched:
            patched.setattr(following, "note_followed", _break)
            with pytest.raises(RuntimeError):
                run(neighbour)

        with pytest.raises(FeedTakenError):
            follow(address=f"{neighbour.base}/other", holder=HOLDER, pull_hours=None, asked=Asked())


def _break(*_: Any, **__: Any) -> None:
    raise RuntimeError


def test_is_followed_by_the_clock(neighbour: Neighbour) -> None:
    neighbour.give([club(1)])
    run(neighbour)
    now = datetime.now(UTC)

    assert periodic[FOLLOW_FEEDS] == 300
    assert follow_due(now=now) == 0
    assert follow_due(now=now + timedelta(hours=2)) == 1
    assert [each.outcome for each in follow_all()] == ["same"]
    assert id_of(uuid.UUID(uid_of(1))) in set(Record.objects.values_list("id", flat=True))
