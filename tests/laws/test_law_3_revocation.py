"""Law 3: when a withdrawal has returned, no answer started later holds the value; what ends, ends on time."""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datacoop.consent.actions import Wish, decide, suspend_agreement
from datacoop.consent.restricting import lift_restriction, restrict
from datacoop.directory.slugs import page_path
from datacoop.disclosure.actions import settle
from datacoop.disclosure.errors import Due
from datacoop.disclosure.readers import PUBLIC, reader_of_token
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.feeding import changes, export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Question
from datacoop.portal.limits import Limit
from datacoop.records.actions import revising
from tests.laws import worlds
from tests.laws.catalogue import CATALOGUE, said
from tests.laws.grammar import Request
from tests.laws.hammering import UID, Way, by_api, by_doors, by_pages, everything, hammer
from tests.laws.judging import Asker
from tests.laws.replaying import reader_of, replay, token_of
from tests.laws.worlds import world_of

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "lac@example.org"
ROUNDS = 20


def _now() -> datetime:
    return datetime.now(UTC)


def _show(audience: str = "public", *, shows: bool, name: str | None = None, until: datetime | None = None) -> None:
    decide(uid=UID, wish=Wish(audience, shows, name, until), actor="subject", reason="", now=_now())


def _world() -> str:
    """An organisation that everybody sees, and the address of its page."""
    replay(world_of([said("o0", "list:1", name="Alpha Lac", email=CANARY, website="https://alpha.example.ch/")]))
    return page_path("organisation", "Alpha Lac", str(UID)) or ""


def _ways(page: str) -> list[Way]:
    return [by_doors, by_api("public"), by_api("A"), by_pages(page)]


@pytest.fixture(autouse=True)
def _contacts_are_shown_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that hammer look up more than people do."""
    monkeypatch.setattr("datacoop.portal.contacts.CONTACTS", Limit(most=10**9, seconds=1))


@pytest.mark.parametrize("name", ["email", None])
def test_no_answer_started_after_a_withdrawal_holds_the_value(name: str | None) -> None:
    page = _world()

    tally = hammer(
        lambda: _show(shows=False, name=name), lambda: _show(shows=True, name=name), rounds=ROUNDS,
        canary=CANARY.encode() if name else b"Alpha Lac", ways=_ways(page),
    )  # fmt: skip

    answers, late = tally.judged()
    assert late == 0
    assert answers >= ROUNDS, "nobody read meanwhile"
    assert any(held for *_, held in tally.answers), "nobody ever saw it: the test proves nothing"


def test_no_answer_started_after_a_restriction_holds_the_value() -> None:
    page = _world()

    tally = hammer(
        lambda: restrict(uid=UID, ground="objection", actor="subject", now=_now()),
        lambda: lift_restriction(uid=UID, actor="steward:1", now=_now()),
        rounds=5, canary=b"Alpha Lac", ways=_ways(page),
    )  # fmt: skip

    assert tally.judged()[1] == 0
    assert any(held for *_, held in tally.answers)


@pytest.mark.parametrize("way", [by_doors, by_api("A")], ids=["doors", "api"])
def test_the_hammer_notices_a_withdrawal_that_comes_late(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the compilation put off until after the answer, late answers are seen."""
    _world()
    announce = revising._announce
    put_off: list[Any] = []
    monkeypatch.setattr(revising, "_announce", put_off.append)

    def shown_late() -> None:
        monkeypatch.setattr(revising, "_announce", announce)
        _show(shows=True, name="email")
        monkeypatch.setattr(revising, "_announce", put_off.append)

    tally = hammer(lambda: _show(shows=False, name="email"), shown_late, rounds=3, canary=CANARY.encode(), ways=[way])

    assert put_off
    assert tally.judged()[1] > 0


@pytest.mark.soak
def test_a_thousand_withdrawals_under_fire(capsys: pytest.CaptureFixture[str]) -> None:
    page = _world()
    began = time.monotonic()

    tally = hammer(
        lambda: _show(shows=False, name="email"), lambda: _show(shows=True, name="email"), rounds=1000,
        canary=CANARY.encode(), ways=_ways(page),
    )  # fmt: skip

    answers, late = tally.judged()
    with capsys.disabled():
        sys.stdout.write(
            f"\n1000 withdrawals in {time.monotonic() - began:.0f} s, {len(tally.answers)} answers, {answers} of them"
            f" begun after one, {late} late\n"
        )
    assert late == 0
    assert answers > 1000


def test_a_grant_with_an_end_ends_although_nobody_acts() -> None:
    replay(world_of([said("o0", "list:0", name="Alpha Lac", email=CANARY), said("o1", "list:1", name="Zeta Chor")]))
    end = _now() + timedelta(seconds=0.6)
    _show(shows=True, until=end)
    with reading() as connected:
        assert b"Alpha" in everything(connected)
        time.sleep(max(0.0, (end - _now()).total_seconds()))

        for door in (
            lambda: get(connected, PUBLIC, "organisation", str(UID)),
            lambda: get(connected, PUBLIC, "organisation", str(worlds.uid_of("o1"))),
            lambda: find(connected, PUBLIC, Question("organisation")),
            lambda: changes(connected, PUBLIC, None, 10),
            lambda: list(export(connected, PUBLIC, "organisation", None, 10)),
        ):
            with pytest.raises(Due):
                door()
        assert settle(_now()) == 1
        assert get(connected, PUBLIC, "organisation", str(UID)) is None
        assert b"Alpha" not in b"".join(find(connected, PUBLIC, Question("organisation")).bodies)


def test_the_served_application_settles_by_itself() -> None:
    replay(world_of([said("o0", "list:0", name="Alpha Lac")]))
    end = _now() + timedelta(seconds=0.5)
    _show(shows=True, until=end)
    asker = Asker()
    request = Request(f"/api/v1/organisations/{UID}")
    assert asker.ask(request, "public").status == 200

    time.sleep(max(0.0, (end - _now()).total_seconds()))

    assert asker.ask(request, "public").status == 404
    assert b"Alpha" not in asker.ask(Request("/api/v1/organisations"), "public").body
    asker.close()


def test_a_narrowing_with_an_end_falls_back_on_the_word_before_it() -> None:
    replay(world_of([said("o0", "list:1", name="Alpha Lac")]))
    _show(shows=True)
    end = _now() + timedelta(seconds=0.4)
    _show(shows=False, until=end)
    with reading() as connected:
        assert get(connected, PUBLIC, "organisation", str(UID)) is None
        time.sleep(max(0.0, (end - _now()).total_seconds()))
        settle(_now())
        assert isinstance(get(connected, PUBLIC, "organisation", str(UID)), Found)


def test_a_suspended_agreement_reads_nothing_from_the_next_request_on() -> None:
    replay(CATALOGUE["only a client's"])
    asker = Asker()
    assert asker.ask(Request("/api/v1/organisations"), "A").status == 200

    suspend_agreement(agreement="A", actor="steward:1", now=_now())

    assert asker.ask(Request("/api/v1/organisations"), "A").status == 401
    assert asker.ask(Request("/api/v1/organisations"), "B").status == 200
    asker.close()
    with reading() as connected:
        assert reader_of_token(connected, token_of("A"), time.time()) is None


def test_a_withdrawal_from_one_client_leaves_the_others() -> None:
    replay(world_of([said("o0", "list:0", name="Alpha Lac")]))
    _show("terms:public-bodies", shows=True)
    question = Question("organisation")
    with reading() as connected:
        a, b = reader_of(connected, "A"), reader_of(connected, "B")
        assert len(find(connected, a, question).bodies) == len(find(connected, b, question).bodies) == 1

        _show("agreement:A", shows=False)

        assert find(connected, a, question).bodies == []
        assert len(find(connected, b, question).bodies) == 1
