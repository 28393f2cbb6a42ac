"""Law 8: what was withdrawn after a backup stays withdrawn when it is restored, whatever else happened since.

The same world is told twice; the second telling is the restored backup, in which the log of the first is replayed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoop.consent.actions import Wish, decide, decide_many, set_indexing
from datacoop.consent.holding_back import hold_back, is_holding_back, let_go
from datacoop.consent.models import Unindexed, Withholding
from datacoop.consent.replaying import UnknownVerb
from datacoop.consent.replaying import replay as withdraw_again
from datacoop.consent.restricting import restrict_in
from datacoop.disclosure.actions import settle
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.feeding import export
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.disclosure.verify import differences
from datacoop.kinds.definition import all_kinds
from datacoop.records import withdrawals
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record
from datacoop.records.models import Record, Statement, Suppression
from datacoop.records.withdrawals import Line, Withdrawal
from tests.laws import worlds
from tests.laws.replaying import do, number_of, reader_of, replay
from tests.laws.worlds import (
    LABELS,
    READERS,
    Decide,
    Lift,
    Notice,
    Op,
    Restrict,
    ShowLater,
    Withhold,
    World,
    decides,
    uid_of,
    world_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

Seen = dict[tuple[str, str], list[dict[str, object]]]
WORLD = world_of(
    [
        worlds.Say("o0", "list:1", (worlds.Value("name", "Alpha Lac"), worlds.Value("email", "lac@example.org"))),
        worlds.Say("p0", "list:1", (worlds.Value("name", "Anna Alpha"), worlds.Value("email", "zeta@example.org"))),
        worlds.Decide("p0", "public", True),
    ]
)
_TITLE = (worlds.Value("title", "Alpha Lac"), worlds.Value("start", "2030-06-01T19:30:00+02:00"))


@pytest.fixture(autouse=True)
def fresh_log() -> Iterator[None]:
    withdrawals.path().unlink(missing_ok=True)
    yield
    withdrawals.path().unlink(missing_ok=True)


def _lines() -> list[Line]:
    path = withdrawals.path()
    return list(withdrawals.lines(path.read_bytes())) if path.exists() else []


def _seen() -> Seen:
    found: Seen = {}
    with reading() as connected:
        for name in READERS:
            reader = reader_of(connected, name)
            for kind in all_kinds().values():
                bodies = [body for batch in export(connected, reader, kind.name, None, 50) for _, body in batch]
                found[name, kind.name] = sorted((_plain(body) for body in bodies), key=orjson.dumps)
            for label in LABELS:
                one = get(connected, reader, worlds.kind_of(label), str(uid_of(label)))
                found[name, label] = [_plain(one.body)] if isinstance(one, Found) else []
    return found


def _plain(body: bytes) -> dict[str, object]:
    return {name: value for name, value in orjson.loads(body).items() if name != "modified"}


def _narrows(op: Op) -> bool:
    return isinstance(op, Restrict | Withhold | Notice) or (isinstance(op, Decide) and not op.shows)


_OWNERS = st.sampled_from(sorted(set(worlds.OWNERS.values())))
_LISTS = st.sampled_from(("list:0", "list:1"))
_SINCE = st.lists(
    st.one_of(
        decides(),
        decides(),
        st.builds(Withhold, _OWNERS, st.none() | _LISTS),
        st.builds(Restrict, st.sampled_from(LABELS)),
        st.builds(Lift, st.sampled_from(LABELS)),
        st.builds(Notice, st.sampled_from(LABELS), _LISTS, st.just(True)),
    ),
    min_size=1,
    max_size=8,
)


def _told(world: World, since: list[Op], end: datetime) -> None:
    """Tell a world, and then what happened since, an hour each."""
    now = replay(world)
    for number, op in enumerate(since):
        at = now + timedelta(hours=number)
        settle(at)
        if isinstance(op, Restrict):
            _restrict_whole(op.record, at)
        else:
            do(op, at)
    settle(end)


def _restrict_whole(record: str, at: datetime) -> None:
    """Restrict all of a subject's: a log does not tell whether it was, and a restore hides more rather than less."""
    with revision(actor="subject", now=at, why="restriction") as draft:
        restrict_in(draft, record_ids=[number_of(record)], ground="restriction", whole=True)


@given(world=worlds.worlds(most=8) | worlds.withheld_worlds(), since=_SINCE)
@settings(max_examples=25)
def test_law_8_a_restored_backup_shows_what_it_showed_less_what_was_withdrawn(world: World, since: list[Op]) -> None:
    known = {op.record for op in world if isinstance(op, worlds.Create)}
    since = [op for op in since if op.record in known]  # type: ignore[union-attr]
    end = worlds.moments(world)[-1] + timedelta(hours=len(since) + 1)
    later = end + timedelta(days=3)
    _told(world, [op for op in since if _narrows(op)], end)
    allowed = _seen()
    settle(later)
    allowed_later = _seen()
    lines = _lines_since(world, since, end)

    replay(world)
    settle(end)
    withdraw_again(lines, now=end)

    assert _seen() == allowed
    settle(later)
    assert _seen() == allowed_later
    assert list(differences(later)) == []


def _lines_since(world: World, since: list[Op], end: datetime) -> list[Line]:
    """Tell a world and what happened since, and return the lines of the log that a backup between them lacks."""
    withdrawals.path().unlink(missing_ok=True)
    replay(world)
    before = len(_lines())
    withdrawals.path().unlink(missing_ok=True)
    _told(world, since, end)
    return _lines()[before:]


def test_a_restriction_that_became_one_of_everything_is_one_after_a_restore() -> None:
    activity = worlds.Say("a0", "list:1", (worlds.Value("title", "Fête"),))
    world = (*WORLD[:1], worlds.Create("a0", "o0"), *WORLD[1:], activity, Restrict("o0"))
    since: list[Op] = [Restrict("o0")]
    end = worlds.moments(world)[-1] + timedelta(hours=2)
    lines = _lines_since(world, since, end)
    assert _seen()["public", "a0"] == []

    replay(world)
    settle(end)
    assert _seen()["public", "a0"] != []
    withdraw_again(lines, now=end)

    assert _seen()["public", "a0"] == []


def test_withdrawing_again_twice_changes_nothing_more() -> None:
    end = replay(WORLD)
    withdrawals.path().unlink(missing_ok=True)
    decide(uid=uid_of("o0"), wish=Wish("public", False, "email"), actor="subject", reason="", now=end)
    lines = _lines()
    replay(WORLD)
    withdraw_again(lines, now=end)
    once = _seen()

    withdraw_again(lines, now=end)

    assert _seen() == once
    assert "email" not in once["public", "o0"][0]


def test_a_word_that_was_taken_back_shows_nothing_more() -> None:
    end = replay(WORLD)
    withdrawals.path().unlink(missing_ok=True)
    assert _seen()["public", "p0"] != []
    with revision(actor="subject", now=end, why="test") as draft:
        decide_many(draft, wishes=[(number_of("p0"), Wish("public", None))], reason="")
    lines = _lines()
    replay(WORLD)

    withdraw_again(lines, now=end)

    assert _seen()["public", "p0"] == []


@pytest.mark.parametrize(
    "withdrawn",
    [Restrict("p0"), Restrict("o0"), Notice("o0", "list:1", True), Decide("o0", "public", False)],
    ids=["person-restricted", "organisation-restricted", "list-objected-to", "hidden-by-decision"],
)
def test_what_was_taken_from_sight_since_is_out_of_sight_again(withdrawn: Restrict | Notice | Decide) -> None:
    end = replay(WORLD)
    withdrawals.path().unlink(missing_ok=True)
    do(withdrawn, end)
    lines = _lines()
    replay(WORLD)
    assert _seen()["public", withdrawn.record] != []

    withdraw_again(lines, now=end)

    assert _seen()["public", withdrawn.record] == []


@pytest.mark.parametrize("speaker", [None, "list:1"])
def test_what_a_subject_withheld_since_is_withheld_again(speaker: str | None) -> None:
    world = world_of([*WORLD, worlds.Create("a0", "o0"), worlds.Say("a0", "list:1", _TITLE)])
    end = replay(world)
    withdrawals.path().unlink(missing_ok=True)
    do(Withhold("o0", speaker), end)
    lines = _lines()
    replay(world)
    assert _seen()["public", "a0"] != []

    withdraw_again(lines, now=end)
    withdraw_again(lines, now=end)

    assert _seen()["public", "a0"] == []
    assert Withholding.objects.filter(end_revision__isnull=True).count() == 1


def test_what_was_opened_before_a_second_word_against_all_of_it_is_not_open_after_a_restore() -> None:
    """Withheld, opened by itself: in the backup. Shown later again, and withheld anew: since."""
    world = world_of(
        [
            *WORLD,
            worlds.Create("a0", "o0"),
            worlds.Say("a0", "list:1", _TITLE),
            Withhold("o0"),
            Decide("a0", "public", True),
        ]
    )
    end = replay(world)
    assert _seen()["public", "a0"] != []
    withdrawals.path().unlink(missing_ok=True)
    do(ShowLater("o0"), end)
    do(Withhold("o0"), end)
    assert _seen()["public", "a0"] == []
    lines = _lines()
    replay(world)

    withdraw_again(lines, now=end)

    assert _seen()["public", "a0"] == []


def test_search_engines_stay_away() -> None:
    end = replay(WORLD)
    withdrawals.path().unlink(missing_ok=True)
    with revision(actor="subject", now=end, why="test") as draft:
        set_indexing(draft, record_ids=[number_of("o0")], allowed=False)
    lines = _lines()
    replay(WORLD)

    withdraw_again(lines, now=end)

    assert Unindexed.objects.filter(record_id=number_of("o0"), end_revision__isnull=True).count() == 1


def test_a_retracted_value_is_hidden_from_everybody() -> None:
    end = replay(WORLD)
    decide(uid=uid_of("o0"), wish=Wish("agreement:A", True, "email"), actor="subject", reason="", now=end)
    withdrawals.path().unlink(missing_ok=True)
    withdrawals.append([Withdrawal("retracted", uid_of("o0"), ("email",))], at=end)

    withdraw_again(_lines(), now=end)

    seen = _seen()
    assert [name for name in READERS if any("email" in body for body in seen[name, "organisation"])] == []
    assert seen["public", "o0"][0]["name"] == "Alpha Lac"


def test_who_was_erased_is_erased_again_and_known_by_all_they_were_known_by() -> None:
    end = replay(WORLD)
    withdrawals.path().unlink(missing_ok=True)
    erase_subjects(subject_ids=[number_of("p0")], actor="subject", now=end, why="test")
    known = {bytes(each.digest) for each in Suppression.objects.all()}
    lines = _lines()
    replay(WORLD)
    assert Statement.objects.filter(record_id=number_of("p0")).exists()

    withdraw_again(lines, now=end)

    assert not Statement.objects.filter(record_id=number_of("p0")).exists()
    assert {bytes(each.digest) for each in Suppression.objects.all()} == known
    assert _seen()["public", "p0"] == []
    assert list(differences(end)) == []


def test_who_was_made_and_erased_since_the_backup_is_kept_away_by_an_empty_record() -> None:
    end = replay(WORLD)
    withdrawals.path().unlink(missing_ok=True)
    with revision(actor="steward:1", now=end, why="test") as draft:
        made = create_record(draft, kind="person")
    erase_subjects(subject_ids=[made.id], actor="subject", now=end, why="test")
    lines = _lines()
    replay(WORLD)
    assert not Record.objects.filter(id=made.id).exists()

    withdraw_again(lines, now=end)
    withdraw_again(lines, now=end)

    shells = {each.record_id for each in Suppression.objects.filter(digest__in=lines[0].known_by)}
    assert len(shells) == 1
    assert Record.objects.get(id=shells.pop()).kind == "person"
    assert list(differences(end)) == []


def test_a_line_this_version_does_not_know_stops_everything() -> None:
    end = replay(WORLD)
    before = _seen()
    lines = [
        Line(end, "restricted", withdrawals.record_digest(uid_of("o0"))),
        Line(end, "forgotten", withdrawals.record_digest(uid_of("o0"))),
    ]

    with pytest.raises(UnknownVerb, match="upgrade"):
        withdraw_again(lines, now=end)

    assert _seen() == before


class TestWithoutTheLog:
    def test_no_personal_value_is_seen_until_it_is_confirmed(self) -> None:
        end = replay(WORLD)
        decide(uid=uid_of("o0"), wish=Wish("agreement:A", True, "email"), actor="subject", reason="", now=end)
        before = _seen()
        assert before["public", "p0"]
        assert "email" in before["public", "o0"][0]

        hold_back(now=end)
        hold_back(now=end)

        assert is_holding_back()
        held = _seen()
        assert [name for name in READERS if any("email" in body for body in held[name, "organisation"])] == []
        assert [name for name in READERS if held[name, "p0"]] == []
        assert held["public", "o0"][0]["name"] == "Alpha Lac"
        assert list(differences(end)) == []
        let_go(now=end)
        assert _seen() == before
        assert not is_holding_back()
