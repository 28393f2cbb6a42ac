"""The learnt comparison: what never may be one, and what more agreement may never do."""

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME
from datacoop.linking.rules.encoding import encode
from datacoop.linking.rules.features import count_held, measure
from datacoop.linking.rules.judging import VERDICTS, Judged, judge_pairs
from datacoop.linking.rules.profiles import Profile, pack, profile_of, unpack
from datacoop.linking.rules.scoring import scorer
from tests.linking.lists import organisation

UID = {"scheme": "CH-UID", "value": "CHE-109.322.551"}
OTHER_UID = {"scheme": "CH-UID", "value": "CHE-103.786.205"}
VEVEY = {"city": "Vevey", "postal_code": "1800"}
DOOR = {"city": "Lausanne", "postal_code": "1003", "street": "Rue du Lac-Invisible 7"}


def profile(name: str, number: int = 1, **values: Any) -> Profile:
    return profile_of(number, organisation(name, **values))


def digested(name: str, **values: Any) -> Profile:
    return profile_of(
        1,
        organisation(name, **values),
        lambda kind, value: blake2b(f"{kind} {value}".encode(), digest_size=16).hexdigest(),
    )


def judged(first: Profile, second: Profile, *others: Profile) -> Judged:
    """Two lists that each hold one, in a world of `others`."""
    rows = encode([first, second, *others], [1, 2, *[3] * len(others)])
    return judge_pairs(rows, count_held(rows), np.array([0]), np.array([1]), scorer())


def verdict(first: Profile, second: Profile, *others: Profile) -> str:
    return VERDICTS[int(judged(first, second, *others).verdicts[0])]


def weight(first: Profile, second: Profile, *others: Profile) -> float:
    return float(judged(first, second, *others).weights[0])


@pytest.mark.parametrize(
    "contact",
    [
        {"email": "choeur@example.org"},
        {"website": "https://www.choeur-hirondelles.example/contact"},
        {"phones": "+41 21 555 12 34"},
    ],
)
def test_near_equal_name_and_one_contact_is_the_same(contact: dict[str, str]) -> None:
    first = profile("Chœur des Hirondelles", **contact)

    assert verdict(first, profile("Association Choeur des Hirondeles de Lausanne", **contact)) == SAME


def test_same_registry_number_is_the_same_whatever_the_name() -> None:
    assert verdict(profile("Fondation du Lac", identifiers=UID), profile("Les Rives", identifiers=UID)) == SAME


def test_two_registry_numbers_are_never_one() -> None:
    contact = {"email": "lac@example.org", "phones": "+41 21 555 12 34"}
    first = profile("Fondation du Lac", identifiers=UID, **contact)

    assert verdict(first, profile("Fondation du Lac", identifiers=OTHER_UID, **contact)) == DIFFERENT


def test_a_number_that_many_names_carry_is_left_to_a_person() -> None:
    names = ["La Ruche", "Le Trèfle", "Boussole", "Pivoine", "Nomades"]
    first, second, *others = (profile(name, identifiers=UID) for name in names)

    assert verdict(first, second, *others) == LOOK_ALIKE


def test_a_short_name_alone_in_one_town_is_left_to_a_person() -> None:
    assert verdict(profile("La Ruche"), profile("La Ruche")) == LOOK_ALIKE


@pytest.mark.parametrize("beside", [{"addresses": DOOR}, {"theme": "culture"}, {"email": "info@ruche.example"}])
def test_a_short_name_with_something_beside_it_is_the_same(beside: dict[str, Any]) -> None:
    assert verdict(profile("La Ruche", **beside), profile("La Ruche", **beside)) == SAME


def test_the_same_name_in_another_town_is_not_the_same() -> None:
    assert verdict(profile("Club d'échecs"), profile("Club d'échecs", addresses=VEVEY)) != SAME


def test_sister_groups_of_two_towns_with_the_umbrellas_mailbox_are_not_the_same() -> None:
    first = profile("Samaritains Lausanne", email="info@samaritains.example")

    assert verdict(first, profile("Samaritains Vevey", email="info@samaritains.example", addresses=VEVEY)) != SAME


@pytest.mark.parametrize(
    "part", ["section juniors", "Juniors", "féminin", "II", "– Section Beaulieu", "Vétérans", "Nord", "Senioren", "2"]
)
def test_a_part_of_a_club_is_a_look_alike(part: str) -> None:
    contact = {"email": "fc@example.org", "phones": "+41 21 555 12 34", "website": "https://fc-lutrive.example"}
    first, second = profile("FC Lutrive", **contact), profile(f"FC Lutrive {part}", **contact)

    assert verdict(first, second) == LOOK_ALIKE
    assert "other-part" in judged(first, second).codes(0)


def test_the_youth_of_what_calls_itself_youth_is_a_part() -> None:
    contact = {"phones": "+41 21 555 12 34"}

    assert verdict(profile("Jeunesses d'Ouchy", **contact), profile("Jeunesses d'Ouchy, Jeunesse", **contact)) != SAME


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Club de tir de Lausanne", "Club de voile de Lausanne"),
        ("Chœur mixte de Lausanne", "Chœur d'hommes de Lausanne"),
        ("Association des habitants du Nord", "Association des habitants du Sud"),
        ("Société de gymnastique", "Société de gymnastique féminine"),
        ("Groupe 12", "Groupe 13"),
        ("Club numéro Babali", "Club numéro Babake"),
        ("La Ruche", "Le Trèfle"),
    ],
)
def test_a_treasurer_of_two_clubs_does_not_merge_them(first: str, second: str) -> None:
    contact = {"phones": "+41 79 555 12 34", "email": "tresor@example.org"}

    assert verdict(profile(first, **contact), profile(second, **contact)) != SAME


def test_a_foundation_and_the_association_beside_it_are_left_to_a_person() -> None:
    contact = {"email": "info@ruche.example", "addresses": DOOR}
    first = profile("La Ruche", **contact)

    assert verdict(profile("Association La Ruche", **contact), profile("Fondation La Ruche", **contact)) == LOOK_ALIKE
    assert verdict(profile("La Ruche", addresses=DOOR), profile("Fondation La Ruche", addresses=DOOR)) == LOOK_ALIKE
    assert verdict(first, profile("Association La Ruche", **contact)) == SAME
    assert verdict(first, profile("Fondation La Ruche", **contact)) == SAME
    assert verdict(profile("Stiftung Ruche", **contact), profile("Fondation Ruche", **contact)) == SAME


def test_an_acronym_with_the_same_mailbox_is_the_same() -> None:
    mail = {"email": "info@usl.example"}

    assert verdict(profile("USL", **mail), profile("Union sportive Lausanne (USL)", **mail)) == SAME


def test_reasons_add_up_to_the_weight_and_hold_no_value() -> None:
    contact = {"email": "choeur@example.org", "phones": "+41 21 555 12 34", "identifiers": UID, "addresses": DOOR}
    found = judged(profile("Chœur des Hirondelles", **contact), profile("Chœur des Hirondelles", **contact))
    (reasons,) = found.reasons([0])

    assert sum(reason.weight for reason in reasons) == pytest.approx(float(found.weights[0]), abs=0.1)
    told = " ".join(f"{reason.code} {reason.detail}" for reason in reasons)
    assert not any(value in told for value in ("example", "555", "109", "irondelle", "nvisible"))


def test_a_digested_profile_compares_like_a_plain_one() -> None:
    contact = {"email": "choeur@example.org", "phones": "+41 21 555 12 34", "identifiers": UID}
    pair = profile("Chœur A", **contact), profile("Chœur B", **contact)
    hidden = digested("Chœur A", **contact), digested("Chœur B", **contact)

    assert weight(*pair) == weight(*hidden)


WORDS = ["club", "chœur", "hirondelles", "hirondele", "lausanne", "juniors", "section", "nord", "ruche", "ii", "usl"]
PROFILES = st.builds(
    lambda words, phones, mails, uids, place, themes: profile(
        " ".join(words), phones=phones, email=mails, identifiers=uids, addresses=place, theme=themes
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.lists(st.sampled_from(["+41 21 555 00 01", "+41 21 555 00 02"]), max_size=2),
    st.lists(st.sampled_from(["a@example.org", "b@example.ch", "c@gmail.com"]), max_size=2),
    st.lists(st.sampled_from([UID, OTHER_UID]), max_size=1),
    st.sampled_from([{"city": "Lausanne"}, VEVEY, DOOR, {"country": "CH"}]),
    st.lists(st.sampled_from(["culture", "sport"]), max_size=2),
)


@given(PROFILES, PROFILES)
def test_comparison_is_symmetric(first: Profile, second: Profile) -> None:
    assert weight(first, second) == weight(second, first)
    assert verdict(first, second) == verdict(second, first)


@given(st.lists(PROFILES, min_size=2, max_size=6))
def test_pairs_weigh_the_same_alone_and_in_a_batch(profiles: list[Profile]) -> None:
    rows = encode(profiles, list(range(len(profiles))))
    held = count_held(rows)
    left, right = np.triu_indices(len(profiles), 1)
    together = judge_pairs(rows, held, left, right, scorer()).weights

    alone = [
        judge_pairs(rows, held, np.array([a]), np.array([b]), scorer()).weights[0]
        for a, b in zip(left, right, strict=True)
    ]
    assert together.tolist() == alone


def test_the_last_bit_of_a_sum_does_not_depend_on_who_is_compared_beside() -> None:
    names = ("club", "hirondelles hirondele", "club chœur hirondelles usl")
    rows = encode([profile(each, addresses={"city": "Lausanne"}) for each in names], [0, 1, 2])
    held, (left, right) = count_held(rows), np.triu_indices(3, 1)
    together = measure(rows, held, left, right)
    alone = [measure(rows, held, left[n : n + 1], right[n : n + 1])[0] for n in range(3)]
    np.testing.assert_array_equal(together, np.stack(alone))


@given(PROFILES, PROFILES)
def test_one_more_shared_contact_never_lowers_the_weight(first: Profile, second: Profile) -> None:
    more = [replace(p, phones=p.phones | {"+41215550009"}) for p in (first, second)]

    assert weight(*more) >= weight(first, second) - 1e-3


@given(PROFILES, PROFILES)
def test_without_a_name_in_common_nothing_but_a_number_makes_two_one(first: Profile, second: Profile) -> None:
    apart = replace(
        second, name="zzzz", core=("zzzz",), letters="zzzz", initials=frozenset(), acronym="", parts=first.parts
    )

    assert verdict(first, apart) != SAME or first.uids & apart.uids


@given(PROFILES)
def test_a_packed_profile_is_unpacked_the_same(found: Profile) -> None:
    import orjson  # noqa: PLC0415

    assert unpack(found.record_id, orjson.loads(orjson.dumps(pack(found)))) == found


def test_an_association_and_a_foundation_stay_apart_whatever_a_third_shares_with_both() -> None:
    contact = {"email": "info@ruche.example", "addresses": DOOR}

    assert judged(profile("Association La Ruche", **contact), profile("Fondation La Ruche", **contact)).apart.all()
    assert not judged(profile("La Ruche", **contact), profile("Fondation La Ruche", **contact)).apart.any()


def test_two_lines_of_one_list_need_more_than_those_of_two() -> None:
    contact = {"phones": "+41 21 555 12 34", "addresses": DOOR}
    rows = encode([profile("Chœur des Hirondelles", **contact), profile("Hirondelles Chœur mixte", **contact)], [1, 1])
    one, two = np.array([0]), np.array([1])
    beside = rows.copy()
    beside["source"] = [1, 2]

    found = [judge_pairs(each, count_held(each), one, two, scorer()) for each in (rows, beside)]

    assert found[0].weights[0] < found[1].weights[0]
    assert found[0].verdicts[0] <= found[1].verdicts[0]
