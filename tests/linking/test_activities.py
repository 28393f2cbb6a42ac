"""Activities that are one: of one organiser, at one hour, with a similar title; and what entering one is told."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.disclosure.actions import finish_contributions
from datacoop.linking.actions import judge
from datacoop.linking.duplicates import activities_like
from datacoop.linking.rules.activities import CLOSE, Activity, activity_of, compare_activities
from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME
from datacoop.linking.rules.sharing import pairs_sharing
from datacoop.records.actions.publishing import Attestation, add_source, attest
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import StagedRow, accept, open_staging, stage
from datacoop.records.actions.stating import Said
from datacoop.records.queries import uids_of
from tests.linking.lists import Listing, now, organisation

START = "2030-06-01T19:30:00+02:00"
TITLES = [
    "Concert de printemps",
    "Printemps : concert",
    "Loto annuel",
    "Cours 1",
    "Cours 2",
    "Gym juniors",
    "Gym seniors",
]
ACTIVITIES = st.builds(
    lambda organiser, minutes, title, town: activity(
        title,
        organiser=organiser,
        start=(datetime.fromisoformat(START) + timedelta(minutes=minutes)).isoformat(),
        **town,
    ),
    st.integers(1, 2),
    st.integers(-120, 120),
    st.sampled_from(TITLES),
    st.sampled_from([{}, {"addresses": {"city": "Lausanne"}}, {"addresses": {"city": "Renens"}}]),
)


def activity(title: str, *, organiser: object = 1, start: str = START, **values: Any) -> Activity:
    said = {"title": [title], "start": [start], **{name: [value] for name, value in values.items()}}
    found = activity_of(said, organiser=organiser)
    assert found is not None
    return found


@given(ACTIVITIES, ACTIVITIES)
def test_only_one_organiser_at_one_hour_may_be_alike_and_then_it_is_found(one: Activity, two: Activity) -> None:
    found = compare_activities(one, two)

    assert found == compare_activities(two, one)
    if one.organiser != two.organiser or abs(one.start - two.start) > CLOSE:
        assert found.verdict == DIFFERENT
    elif one.title == two.title:
        assert found.verdict != DIFFERENT
    if found.verdict != DIFFERENT:
        assert pairs_sharing({1: one.keys(), 2: two.keys()}) == [(1, 2)]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (activity("Printemps : concert de"), SAME),
        (activity("Concert de printemps du Chœur de la Clairière"), SAME),
        (activity("Concert de printemps", start="2030-06-01T17:45:00Z"), SAME),
        (activity("Concert du printemps", addresses={"city": "Renens"}), LOOK_ALIKE),
        (activity("Concert"), LOOK_ALIKE),
        (activity("Concert de printemps", start="2030-06-08T19:30:00+02:00"), DIFFERENT),
        (activity("Concert de printemps", organiser=2), DIFFERENT),
        (activity("Assemblée générale"), DIFFERENT),
        (activity("Concert de printemps 2"), DIFFERENT),
        (activity("Concert de printemps juniors"), DIFFERENT),
    ],
)
def test_activities_are_told_apart(other: Activity, expected: str) -> None:
    assert (
        compare_activities(activity("Concert de printemps", addresses={"city": "Lausanne"}), other).verdict == expected
    )


def test_without_title_or_start_there_is_nothing_to_compare() -> None:
    assert activity_of({"title": ["Concert"]}, organiser=1) is None
    assert activity_of({"title": ["Concert"], "start": ["soon"]}, organiser=1) is None
    assert activity_of({"start": [START]}, organiser=1) is None


class Agenda:
    """A list of activities of a holder, taken in whole."""

    def __init__(self, *, published: bool = True) -> None:
        self.source_id = add_source(holder_uid=uuid4(), holder="Agenda", name="agenda", kind="activity")
        if published:
            attest(self.source_id, Attestation("https://example.org/agenda", None, "holder:1", now()))

    def pour(self, organiser: int, *titles: str, start: str = START) -> list[UUID]:
        staging = open_staging(source_id=self.source_id, now=now())
        uid = str(uids_of([organiser])[organiser])
        rows = [
            StagedRow(
                None, [Said("title", t), Said("start", start), Said("organiser", uid, refers=organiser)], organiser
            )
            for t in titles
        ]
        records = stage(staging, kind="activity", rows=rows)
        with revision(actor="steward:1", now=now(), why="contribution") as draft:
            accept(draft, staging)
        finish_contributions(now())
        uids = uids_of(records)
        return [uids[record] for record in records]


@pytest.fixture
def clubs() -> Listing:
    clubs = Listing("Town")
    clubs.pour({"choir": organisation("Chœur de la Clairière"), "band": organisation("Fanfare des Quatre-Vents")})
    return clubs


def entered(title: str = "Concert de printemps", start: str = START) -> dict[str, list[object]]:
    return {"title": [title], "start": [start]}


@pytest.mark.django_db(transaction=True)
class TestWhoeverEntersAnActivity:
    def test_is_told_of_the_public_one_it_repeats(self, clubs: Listing) -> None:
        concert, _ = Agenda().pour(clubs.records["choir"], "Printemps: concert", "Loto annuel")
        Agenda().pour(clubs.records["band"], "Concert de printemps")
        Agenda().pour(clubs.records["choir"], "Concert de printemps", start="2030-06-08T19:30:00+02:00")

        (found,) = activities_like(entered(), organiser=clubs.uid("choir"), now=now())

        assert found.uid == concert
        assert found.comparison.verdict == SAME
        assert "same-organiser" in [reason.code for reason in found.comparison.reasons]

    def test_is_told_nothing_of_what_is_hidden(self, clubs: Listing) -> None:
        Agenda(published=False).pour(clubs.records["choir"], "Concert de printemps")

        assert activities_like(entered(), organiser=clubs.uid("choir"), now=now()) == []

    def test_is_told_nothing_of_the_one_being_changed(self, clubs: Listing) -> None:
        (concert,) = Agenda().pour(clubs.records["choir"], "Concert de printemps")

        assert activities_like(entered(), organiser=clubs.uid("choir"), now=now(), but=concert) == []

    def test_is_told_of_those_of_an_organiser_that_is_another_record_of_the_same(self, clubs: Listing) -> None:
        league = Listing("League")
        league.pour({"x": organisation("Choeur de la Clairiere")})
        (concert,) = Agenda().pour(league.records["x"], "Concert de printemps")
        judge(first=clubs.uid("choir"), second=league.uid("x"), verdict="same", actor="steward:1", now=now())

        for known_as in (clubs.uid("choir"), league.uid("x")):
            assert [each.uid for each in activities_like(entered(), organiser=known_as, now=now())] == [concert]

    def test_is_told_nothing_where_the_organiser_is_unknown(self, clubs: Listing) -> None:
        assert activities_like(entered(), organiser=uuid4(), now=now()) == []
