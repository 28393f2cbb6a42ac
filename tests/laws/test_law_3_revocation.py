"""Law 3: when a withdrawal has returned, no answer started later holds the value; what ends, ends on time."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from datacoop.consent.actions import Wish, decide, restrict, suspend_agreement
from datacoop.disclosure.actions import settle
from datacoop.disclosure.errors import Due
from datacoop.disclosure.readers import PUBLIC, reader_of_token
from datacoop.disclosure.reading import Reading, open_reading, reading
from datacoop.disclosure.search.feeding import changes, export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Question
from tests.laws import worlds
from tests.laws.catalogue import CATALOGUE, said
from tests.laws.judging import Asker, Request
from tests.laws.replaying import reader_of, replay, token_of
from tests.laws.worlds import world_of

pytestmark = pytest.mark.django_db(transaction=True)

UID = worlds.uid_of("o0")
CANARY = "lac@example.org"
ROUNDS = 6


def _everything(connected: Reading) -> bytes:
    """What the public gets of the organisation by every door."""
    one = get(connected, PUBLIC, "organisation", str(UID))
    listed = find(connected, PUBLIC, Question("organisation", text="alpha"))
    exported = [body for batch in export(connected, PUBLIC, "organisation", None, 10) for _, body in batch]
    fed = changes(connected, PUBLIC, None, 100).items
    return b"\n".join([one.body if isinstance(one, Found) else b"", *listed.bodies, *exported, *fed])


def _now() -> datetime:
    return datetime.now(UTC)


def _show(audience: str = "public", *, shows: bool, name: str | None = None, until: datetime | None = None) -> None:
    decide(uid=UID, wish=Wish(audience, shows, name, until), actor="subject", reason="", now=_now())


class Watcher(threading.Thread):
    """Reads without pause, on a connection of its own, and notes when each answer began and what it held."""

    def __init__(self, canary: bytes) -> None:
        super().__init__()
        self.canary, self.seen, self.stopped = canary, list[tuple[float, float, bool]](), threading.Event()

    def run(self) -> None:
        connected = open_reading()
        while not self.stopped.is_set():
            began = time.monotonic()
            held = self.canary in _everything(connected)
            self.seen.append((began, time.monotonic(), held))
        connected.close()


@pytest.mark.parametrize("way", ["property", "record", "restriction"])
def test_no_answer_started_after_a_withdrawal_holds_the_value(way: str) -> None:
    replay(world_of([said("o0", "list:1", name="Alpha Lac", email=CANARY, website="https://alpha.example.ch/")]))
    canary = CANARY.encode() if way == "property" else b"Alpha Lac"
    watchers = [Watcher(canary) for _ in range(3)]
    withdrawn: list[tuple[float, float]] = []
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(1 if way == "restriction" else ROUNDS):
            time.sleep(0.05)
            began = time.monotonic()
            if way == "restriction":
                restrict(uid=UID, ground="objection", actor="subject", now=_now())
            else:
                _show(shows=False, name="email" if way == "property" else None)
            done = time.monotonic()
            time.sleep(0.05)
            withdrawn.append((done, time.monotonic()))
            assert began < done
            if way != "restriction":
                _show(shows=True, name="email" if way == "property" else None)
    finally:
        for watcher in watchers:
            watcher.stopped.set()
            watcher.join()

    answers = [answer for watcher in watchers for answer in watcher.seen]
    hidden = [
        held
        for began, ended, held in answers
        for done, shown_again in withdrawn
        if done < began and ended < shown_again
    ]
    assert not any(hidden)
    assert any(held for *_, held in answers), "nobody ever saw it: the test proves nothing"
    assert hidden, "nobody read meanwhile"


def test_a_grant_with_an_end_ends_although_nobody_acts() -> None:
    replay(world_of([said("o0", "list:0", name="Alpha Lac", email=CANARY), said("o1", "list:1", name="Zeta Chor")]))
    end = _now() + timedelta(seconds=0.6)
    _show(shows=True, until=end)
    with reading() as connected:
        assert b"Alpha" in _everything(connected)
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
