"""Linking contributions, with what no comparison of two records can see: lists, existence, groups, judgements."""

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.linking.actions import JudgementError, forget, judge
from datacoop.linking.explaining import explain
from datacoop.linking.models import Judgement, Key, LookAlike, ProfileRow
from datacoop.linking.queries import UnknownRecordError, list_review
from datacoop.linking.refreshing import refresh_review
from datacoop.linking.rules.profiles import VERSION
from datacoop.records.queries import merges_of
from tests.linking.lists import Listing, now, organisation

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = {"email": "info@hirondelles.example"}
PHONE = {"phones": "+41 21 555 12 34"}
CHOIR = organisation("Chœur des Hirondelles", **MAIL)
CHOIR_TOO = organisation("Association Choeur des Hirondelles", **MAIL)


def review() -> set[frozenset[object]]:
    return {frozenset((pair.first_uid, pair.second_uid)) for pair in list_review(limit=100)}


def codes_of_review() -> set[str]:
    return {code for pair in list_review(limit=100) for code in pair.codes}


class TestOffer:
    def test_merges_the_same_organisation_of_two_lists(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})

        (match,) = league.pour({"x": CHOIR_TOO})

        assert (match.loser, match.survivor) == (league.records["x"], town.records["a"])
        assert {"same-name", "same-email"} <= set(match.codes)
        assert merges_of([match.loser]) == {match.loser: match.survivor}
        assert not review()

    def test_lists_look_alikes_without_a_value(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE)})

        assert not league.pour({"x": organisation("La Ruche")})
        assert league.linker.to_review == 1
        assert review() == {frozenset((town.uid("a"), league.uid("x")))}
        assert all("ruche" not in str(row.reasons).lower() for row in LookAlike.objects.all())

    def test_stores_contacts_as_digests_alone(self) -> None:
        town = Listing("Town")
        town.pour({"a": organisation("La Ruche", email="ruche@example.org", phones="+41 21 555 12 34")})

        stored = "".join(ProfileRow.objects.values_list("packed", flat=True))

        assert "example" not in stored
        assert "555" not in stored

    def test_merges_a_line_that_a_list_says_twice(self) -> None:
        town = Listing("Town")

        town.pour({"a": CHOIR, "b": CHOIR_TOO})

        assert set(merges_of(list(town.records.values()))) < set(town.records.values())
        assert len(merges_of(list(town.records.values()))) == 1

    def test_leaves_lines_of_one_list_to_a_person_that_little_holds_together(self) -> None:
        town = Listing("Town")

        assert not town.pour({"a": organisation("La Ruche"), "b": organisation("La Ruche")})
        assert review() == {frozenset((town.uid("a"), town.uid("b")))}

    def test_never_merges_records_of_which_one_is_hidden(self) -> None:
        town, league = Listing("Town"), Listing("League", published=False)
        town.pour({"a": CHOIR})

        assert not league.pour({"x": CHOIR_TOO})
        assert "other-existence" in codes_of_review()

    def test_never_merges_with_a_record_that_its_subject_hid(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        hidden = Wish(audience="public", shows=False)
        decide(uid=town.uid("a"), wish=hidden, actor="steward:1", reason="asked", now=now())

        assert not league.pour({"x": CHOIR_TOO})
        assert "other-existence" in codes_of_review()

    def test_the_phone_of_a_house_of_associations_merges_no_other_name(self) -> None:
        house, league = Listing("House"), Listing("League")
        tenants = ["La Ruche", "Le Trèfle", "Les Hirondelles", "Boussole", "Pivoine"]
        house.pour({name: organisation(name, **PHONE) for name in tenants})

        assert not league.pour({"x": organisation("La Marmite", **PHONE)})
        (match,) = league.pour({"y": organisation("La Ruche", **PHONE)})
        assert match.survivor == house.records["La Ruche"]

    def test_an_umbrella_and_its_sections_stay_apart(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("FC Lutrive", **MAIL, **PHONE)})

        matches = league.pour(
            {
                "x": organisation("FC Lutrive Juniors", **MAIL, **PHONE),
                "y": organisation("FC Lutrive – Section Beaulieu", **MAIL, **PHONE),
            }
        )

        assert not matches
        assert "other-part" in codes_of_review()

    def test_a_group_takes_nobody_whom_a_member_excludes(self) -> None:
        uids = [{"scheme": "CH-UID", "value": value} for value in ("CHE-109.322.551", "CHE-103.786.205")]
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": organisation("Chœur des Hirondelles", identifiers=uids[0], **MAIL)})
        league.pour({"x": CHOIR_TOO})

        assert not canton.pour({"k": organisation("Chœur des Hirondelles", identifiers=uids[1], **MAIL)})

    def test_several_candidates_that_exclude_each_other_are_left_to_a_person(self) -> None:
        numbers = [{"scheme": "CH-UID", "value": value} for value in ("CHE-109.322.551", "CHE-103.786.205")]
        register, league = Listing("Register"), Listing("League")
        register.pour({str(i): organisation("La Ruche", identifiers=each, **PHONE) for i, each in enumerate(numbers)})

        assert not league.pour({"x": organisation("La Ruche", **PHONE)})
        assert "ambiguous" in codes_of_review()
        assert review() == {frozenset((register.uid(key), league.uid("x"))) for key in ("0", "1")}

    def test_who_fits_two_that_fit_each_other_through_it_makes_them_one_under_the_oldest_list(self) -> None:
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": organisation("La Ruche", **PHONE)})
        league.pour({"x": organisation("La Ruche", **MAIL)})

        (match,) = canton.pour({"k": organisation("La Ruche", **MAIL, **PHONE)})

        assert match.survivor == town.records["a"]
        assert set(merges_of([match.loser]).values()) == {town.records["a"]}
        assert league.records["x"] in merges_of([match.loser])
        assert not review()

    def test_does_not_see_contributions_of_others_before_they_are_accepted(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR}, accepted=False)

        assert not league.pour({"x": CHOIR_TOO})
        assert not LookAlike.objects.exists()

    def test_an_unchanged_world_after_abandoning(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR, "b": organisation("La Ruche")})
        before = [list(model.objects.order_by("pk").values()) for model in (ProfileRow, Key, LookAlike)]

        town.pour({"a": organisation("Chœur des Aigles", **MAIL), "c": organisation("La Ruche")}, accepted=False)
        town.abandon()
        league.pour({"x": organisation("La Ruche")}, accepted=False)
        league.abandon()

        assert [list(model.objects.order_by("pk").values()) for model in (ProfileRow, Key, LookAlike)] == before

    def test_a_killed_contribution_is_cleared_by_the_next(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR}, accepted=False)
        town.records.clear()
        town.pour({"a": CHOIR})

        assert ProfileRow.objects.count() == 1
        assert len(league.pour({"x": CHOIR_TOO})) == 1

    def test_a_changed_record_is_compared_as_it_is_now(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        town.pour({"a": organisation("Chœur des Hirondelles", email="neu@example.org")})

        assert not league.pour({"x": CHOIR_TOO})

    def test_a_vanished_record_matches_nobody(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR, "b": organisation("La Ruche")})
        town.vanish(["a"])

        assert not league.pour({"x": CHOIR_TOO})
        assert not review()

    def test_other_kinds_are_not_linked(self) -> None:
        from datacoop.linking.actions import Linker, Offered  # noqa: PLC0415

        linker = Linker(source_id=Listing("Town").source_id, number=1, kind="activity", now=now())

        linker.offer([Offered(1, {"title": ["Fête"]}, {}, True)])

        assert linker.settle() == []
        assert not ProfileRow.objects.exists()


class TestJudge:
    def test_same_merges_and_clears_the_review_list(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche")})
        league.pour({"x": organisation("La Ruche")})
        assert review()

        judge(first=league.uid("x"), second=town.uid("a"), verdict="same", actor="steward:1", now=now())

        assert merges_of([league.records["x"]]) == {league.records["x"]: town.records["a"]}
        assert not review()

    def test_different_splits_and_survives_import_after_import(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})

        judge(first=town.uid("a"), second=league.uid("x"), verdict="different", actor="steward:1", now=now())
        again = league.pour({"x": organisation("Chœur des Hirondelles", **MAIL, **PHONE)})
        back = town.pour({"a": organisation("Chœur des Hirondelles", **MAIL, **PHONE)})

        assert not merges_of([town.records["a"]])
        assert not again
        assert not back
        assert not review()

    def test_different_holds_for_a_whole_group(self) -> None:
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        canton.pour({"k": organisation("Chœur des Hirondelles")})
        judge(first=canton.uid("k"), second=town.uid("a"), verdict="different", actor="steward:1", now=now())

        assert not canton.pour({"k": CHOIR})
        assert not review()

    def test_same_outranks_scores_for_a_record_that_was_not_merged(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE)})
        league.pour({"x": organisation("Bzz")})
        first, second = sorted((town.records["a"], league.records["x"]))
        Judgement.objects.create(first=first, second=second, verdict="same", actor="steward:1", at=now())

        (match,) = league.pour({"x": organisation("Bzz Bzz")})

        assert match.survivor == town.records["a"]

    def test_different_then_same_remembers_both(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        for verdict in ("different", "same"):
            judge(first=town.uid("a"), second=league.uid("x"), verdict=verdict, actor="steward:1", now=now())

        assert merges_of([league.records["x"]])
        told = [(row.verdict, row.reversed_at is None) for row in Judgement.objects.order_by("id")]
        assert told == [("different", False), ("same", True)]

    def test_splits_two_that_were_merged_into_a_third(self) -> None:
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": CHOIR})
        league.pour({"x": CHOIR_TOO})
        canton.pour({"k": CHOIR_TOO})

        judge(first=league.uid("x"), second=canton.uid("k"), verdict="different", actor="steward:1", now=now())

        merges = merges_of([league.records["x"], canton.records["k"]])
        assert len(merges) == 1

    @pytest.mark.parametrize("verdict", ["part_of", "unsure"])
    def test_other_verdicts_are_recorded_and_asked_no_more(self, verdict: str) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("FC Lutrive", **MAIL)})
        league.pour({"x": organisation("FC Lutrive Juniors", **MAIL)})

        judge(first=town.uid("a"), second=league.uid("x"), verdict=verdict, actor="steward:1", now=now())  # type: ignore[arg-type]

        assert not merges_of([town.records["a"]])
        assert not review()
        refresh_review(now=now())
        assert not review()

    def test_refuses_one_record_and_unknown_ones(self) -> None:
        town = Listing("Town")
        town.pour({"a": CHOIR})
        uid = town.uid("a")

        with pytest.raises(JudgementError):
            judge(first=uid, second=uid, verdict="same", actor="steward:1", now=now())
        with pytest.raises(UnknownRecordError):
            judge(first=uid, second=uid.__class__(int=5), verdict="same", actor="steward:1", now=now())


class TestReview:
    def test_pairs_of_an_unaccepted_contribution_are_not_shown(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche")})
        league.pour({"x": organisation("La Ruche")}, accepted=False)

        assert not review()

    def test_likeliest_first_and_no_more_than_asked(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche"), "b": organisation("Les Hirondelles de Montoie")})
        league.pour({"x": organisation("La Ruche"), "y": organisation("Les Hirondeles de Montoie")})

        assert len(list_review(limit=1)) == 1
        assert {list_review(limit=1)[0].first_uid, list_review(limit=1)[0].second_uid} == {
            town.uid("a"),
            league.uid("x"),
        }

    def test_refreshing_finds_the_same_pairs_and_drops_stale_ones(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche"), "b": organisation("Pivoine")})
        league.pour({"x": organisation("La Ruche"), "y": organisation("Pivoine")})
        before = review()
        league.pour({"y": organisation("Boussole")})

        refreshed = refresh_review(now=now())

        assert refreshed.compared == 4
        assert review() == before - {frozenset((town.uid("b"), league.uid("y")))}
        assert refreshed.open == 1

    def test_reads_again_what_an_earlier_version_read(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE)})
        ProfileRow.objects.update(version=1, packed='["ruche", ["ruche"], [], [], [], [], [], []]')
        Key.objects.all().delete()
        assert not league.pour({"x": organisation("La Ruche")})
        assert not review()

        assert refresh_review(now=now()).open == 1
        assert review() == {frozenset((town.uid("a"), league.uid("x")))}
        assert set(ProfileRow.objects.values_list("version", flat=True)) == {VERSION}

    def test_explains_a_pair_in_codes_and_weights(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE), "b": organisation("Pivoine", **PHONE)})
        league.pour({"x": organisation("La Ruche", **PHONE)})

        found = explain(town.uid("a"), league.uid("x"), now=now())

        assert found.verdict == "same"
        assert {("same-phone", "2")} <= {(reason.code, reason.detail) for reason in found.reasons}

    def test_forgetting_leaves_nothing(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche")})
        league.pour({"x": organisation("La Ruche")})

        forget(record_ids=[town.records["a"], league.records["x"]])

        assert not ProfileRow.objects.exists()
        assert not Key.objects.exists()
        assert not LookAlike.objects.exists()
