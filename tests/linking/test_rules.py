"""What makes two records one organisation, and every trap that must not."""

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.linking.rules.comparing import (
    DIFFERENT,
    LOOK_ALIKE,
    SAME,
    Comparison,
    compare,
    is_named_nearly,
    name_likeness,
)
from datacoop.linking.rules.naming import NEAR, is_near, read_name, similarity
from datacoop.linking.rules.profiles import Profile, pack, profile_of, unpack
from tests.linking.lists import organisation

RANK = {DIFFERENT: 0, LOOK_ALIKE: 1, SAME: 2}
UID = {"scheme": "CH-UID", "value": "CHE-109.322.551"}
OTHER_UID = {"scheme": "CH-UID", "value": "CHE-103.786.205"}


def profile(name: str, number: int = 1, **values: Any) -> Profile:
    return profile_of(number, organisation(name, **values))


def digested(name: str, **values: Any) -> Profile:
    return profile_of(
        1,
        organisation(name, **values),
        lambda kind, value: blake2b(f"{kind} {value}".encode(), digest_size=16).hexdigest(),
    )


def compared(first: Profile, second: Profile, **held: int) -> Comparison:
    return compare(first, second, held)


def codes(comparison: Comparison) -> set[str]:
    return {reason.code for reason in comparison.reasons}


@pytest.mark.parametrize(
    ("contact", "same"),
    [
        ({"email": "choeur@example.org"}, "same-email"),
        ({"website": "https://www.choeur-hirondelles.example/contact"}, "same-domain"),
        ({"phones": "+41 21 555 12 34"}, "same-phone"),
    ],
)
def test_near_equal_name_and_one_contact_is_the_same(contact: dict[str, str], same: str) -> None:
    found = compared(
        profile("Chœur des Hirondelles", **contact),
        profile("Association Choeur des Hirondeles de Lausanne", **contact),
    )

    assert found.verdict == SAME
    assert same in codes(found)


def test_same_registry_number_is_the_same_whatever_the_name() -> None:
    found = compared(profile("Fondation du Lac", identifiers=UID), profile("Les Rives", identifiers=UID))

    assert found.verdict == SAME


def test_spelling_of_the_registry_number_does_not_matter() -> None:
    spelled = {"scheme": "CH-UID", "value": "che 109322551 TVA"}

    assert compared(profile("A la Rive", identifiers=UID), profile("B", identifiers=spelled)).verdict == SAME


def test_two_registry_numbers_are_never_one() -> None:
    contact = {"email": "lac@example.org", "phones": "+41 21 555 12 34"}
    found = compared(
        profile("Fondation du Lac", identifiers=UID, **contact),
        profile("Fondation du Lac", identifiers=OTHER_UID, **contact),
    )

    assert found.verdict == DIFFERENT


def test_a_number_of_the_holders_own_says_nothing() -> None:
    own = {"scheme": "member-number", "value": "12"}

    assert compared(profile("Le Trèfle", identifiers=own), profile("La Ruche", identifiers=own)).verdict == DIFFERENT


def test_never_on_the_name_alone() -> None:
    found = compared(profile("Les Hirondelles de Sauvabelin"), profile("Les Hirondelles de Sauvabelin"))

    assert found.verdict == LOOK_ALIKE


def test_same_name_in_another_town_is_different() -> None:
    vevey = {"city": "Vevey", "postal_code": "1800"}

    assert compared(profile("Club d'échecs"), profile("Club d'échecs", addresses=vevey)).verdict == DIFFERENT


def test_sister_groups_of_two_towns_with_the_umbrellas_mailbox_are_not_merged() -> None:
    vevey = {"city": "Vevey", "postal_code": "1800"}
    found = compared(
        profile("Samaritains Lausanne", email="info@samaritains.example"),
        profile("Samaritains Vevey", email="info@samaritains.example", addresses=vevey),
    )

    assert found.verdict == LOOK_ALIKE


@pytest.mark.parametrize(
    "part",
    [
        "section juniors", "Juniors", "féminin", "II", "– Section Beaulieu", "Vétérans", "Nord", "Senioren", "2",
        "– Sketion Beaulieu", ", Grupppo Beaulieu",
    ],
)  # fmt: skip
def test_a_part_of_a_club_is_a_look_alike(part: str) -> None:
    contact = {"email": "fc@example.org", "phones": "+41 21 555 12 34", "website": "https://fc-lutrive.example"}
    found = compared(profile("FC Lutrive", **contact), profile(f"FC Lutrive {part}", **contact))

    assert found.verdict == LOOK_ALIKE
    assert "other-part" in codes(found)


def test_the_middle_of_a_town_is_nowhere_in_particular() -> None:
    found = {"lat": 46.5, "lon": 6.6}

    assert profile("La Ruche", point=found | {"precision": "street"}).point == (46.5, 6.6)
    assert profile("La Ruche", point=found).point == (46.5, 6.6)
    assert profile("La Ruche", point=found | {"precision": "locality"}).point is None


def test_a_troupe_is_no_group_of_something_larger() -> None:
    assert profile("La Troupe Beaulieu").core == ("beaulieu", "troupe")
    assert not profile("La Troupe Beaulieu").parts


def test_two_parts_of_a_club_are_not_one_either() -> None:
    phone = {"phones": "+41 21 555 12 34"}

    assert compared(profile("FC Lutrive Juniors", **phone), profile("FC Lutrive II", **phone)).verdict == LOOK_ALIKE


def test_the_same_part_in_two_lists_is_the_same() -> None:
    phone = {"phones": "+41 21 555 12 34"}
    found = compared(profile("FC Lutrive – Section Beaulieu", **phone), profile("FC Lutrive, Groupe Beaulieu", **phone))

    assert found.verdict == SAME


def test_a_part_with_the_registry_number_of_the_whole_is_a_look_alike() -> None:
    assert (
        compared(profile("FC Lutrive", identifiers=UID), profile("FC Lutrive Juniors", identifiers=UID)).verdict
        == LOOK_ALIKE
    )


def test_a_contact_that_differently_named_records_hold_counts_less() -> None:
    phone = "+41215551234"
    first, second = profile("La Ruche", phones=phone), profile("La Ruuche", phones=phone)

    assert compared(first, second).verdict == SAME
    assert compare(first, second, {phone: 2}).verdict == LOOK_ALIKE
    assert compare(first, second, {phone: 7}).verdict == LOOK_ALIKE


def test_the_phone_of_a_house_of_associations_proves_nothing_even_for_equal_names() -> None:
    phone = "+41215551234"
    found = compare(profile("La Ruche", phones=phone), profile("La Ruche", phones=phone), {phone: 6})

    assert found.verdict == LOOK_ALIKE
    assert next(r.weight for r in found.reasons if r.code == "same-phone") == 0


def test_a_treasurer_of_two_clubs_does_not_merge_them() -> None:
    phone = {"phones": "+41 79 555 12 34", "email": "tresor@example.org"}
    found = compared(profile("Club de tir de Lausanne", **phone), profile("Club de voile de Lausanne", **phone))

    assert found.verdict != SAME


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Chœur mixte de Lausanne", "Chœur d'hommes de Lausanne"),
        ("Club de montagne de Lausanne", "Amicale de montagne de Lausanne"),
        ("Association des habitants du Nord", "Association des habitants du Sud"),
        ("Société de gymnastique", "Société de gymnastique féminine"),
        ("Judo Club Ouchy", "Judo Club Ouchy Kids"),
        ("Groupe 12", "Groupe 13"),
    ],
)
def test_near_names_with_one_mailbox_are_not_merged(first: str, second: str) -> None:
    mail = {"email": "info@example.org"}

    assert compared(profile(first, **mail), profile(second, **mail)).verdict != SAME


def test_everybodys_mail_host_and_shared_sites_are_no_own_domain() -> None:
    first = profile("La Ruche", email="ruche.a@gmail.com", website="https://www.facebook.com/ruche")
    second = profile("La Ruche", email="ruche.b@gmail.com", website="https://www.facebook.com/la-ruche-vaud")

    assert compared(first, second).verdict == LOOK_ALIKE
    assert not first.domains & second.domains


def test_a_page_of_ones_own_on_a_shared_site_is() -> None:
    page = {"website": "https://www.facebook.com/laruche.vaud/about"}

    assert compared(profile("La Ruche", **page), profile("Association La Ruche", **page)).verdict == SAME


def test_an_acronym_with_the_same_mailbox_is_the_same() -> None:
    mail = {"email": "info@usl.example"}
    found = compared(profile("USL", **mail), profile("Union sportive Lausanne (USL)", **mail))

    assert found.verdict == SAME


def test_an_alternate_name_counts_as_a_name() -> None:
    mail = {"email": "info@example.org"}
    found = compared(
        profile("Schwalbennest", alternate_names=["Nid d'hirondelles"], **mail), profile("Nid d'hirondelles", **mail)
    )

    assert found.verdict == SAME


def test_another_name_with_the_same_contacts_is_shown_to_a_person() -> None:
    contact = {"email": "info@example.org", "phones": "+41 21 555 12 34"}

    assert compared(profile("La Ruche", **contact), profile("Le Trèfle", **contact)).verdict == LOOK_ALIKE


@pytest.mark.parametrize(
    "spelling",
    [
        "Verein Chorale Arc-en-Ciel",
        "CHORALE ARC EN CIEL, LAUSANNE",
        "Arc-en-ciel (chorale) e.V.",
        "Chorale Arc‑en‑Ciel",
    ],
)
def test_legal_form_town_case_and_order_do_not_matter(spelling: str) -> None:
    assert profile(spelling).core == profile("Chorale Arc-en-Ciel").core


def test_reasons_hold_no_value() -> None:
    contact = {"email": "choeur@example.org", "phones": "+41 21 555 12 34", "identifiers": UID}
    found = compared(profile("Chœur des Hirondelles", **contact), profile("Chœur des Hirondelles", **contact))

    told = " ".join(f"{reason.code} {reason.detail}" for reason in found.reasons)
    assert not any(value in told for value in ("example", "555", "109", "irondelle"))


def test_a_digested_profile_compares_like_a_plain_one_and_holds_no_contact() -> None:
    contact = {"email": "choeur@example.org", "phones": "+41 21 555 12 34", "identifiers": UID}
    first, second = profile("Chœur A", **contact), profile("Chœur B", **contact)

    hidden = [digested(name, **contact) for name in ("Chœur A", "Chœur B")]

    assert compare(*hidden, {}).verdict == compare(first, second, {}).verdict
    assert not any(value in str(pack(hidden[0])) for value in ("example", "555", "109322551"))


NAMES = st.lists(
    st.sampled_from(
        [
            "club",
            "chœur",
            "hirondelles",
            "hirondele",
            "lausanne",
            "juniors",
            "section",
            "nord",
            "ruche",
            "ruuche",
            "ii",
            "usl",
        ]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
PHONES = st.lists(st.sampled_from(["+41 21 555 00 01", "+41 21 555 00 02"]), max_size=2)
MAILS = st.lists(st.sampled_from(["a@example.org", "b@example.ch", "c@gmail.com"]), max_size=2)
UIDS = st.lists(st.sampled_from([UID, OTHER_UID]), max_size=1)
PLACES = st.sampled_from([{"city": "Lausanne"}, {"city": "Vevey", "postal_code": "1800"}, {"country": "CH"}])
PROFILES = st.builds(
    lambda name, phones, mails, uids, place: profile(
        name, phones=phones, email=mails, identifiers=uids, addresses=place
    ),
    NAMES,
    PHONES,
    MAILS,
    UIDS,
    PLACES,
)


@given(PROFILES, PROFILES, st.integers(1, 5))
def test_comparison_is_symmetric(first: Profile, second: Profile, count: int) -> None:
    held = dict.fromkeys(first.contacts(), count)

    assert compare(first, second, held) == compare(second, first, held)


@given(NAMES, NAMES)
def test_similarity_is_symmetric_and_between_0_and_1(first: str, second: str) -> None:
    one, other = read_name(first).core, read_name(second).core

    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1


@given(NAMES, NAMES)
def test_is_near_where_the_similarity_says_so(first: str, second: str) -> None:
    one, other = read_name(first).core, read_name(second).core

    assert is_near(one, other) == (similarity(one, other) >= NEAR)


@given(PROFILES, PROFILES)
def test_is_named_nearly_where_the_likeness_says_so(first: Profile, second: Profile) -> None:
    assert is_named_nearly(first, second) == (name_likeness(first, second) >= NEAR)


@given(PROFILES, PROFILES, MAILS, PHONES)
def test_one_more_shared_contact_never_lowers_the_verdict(
    first: Profile, second: Profile, mails: list[str], phones: list[str]
) -> None:
    more = [replace(p, emails=p.emails | set(mails), phones=p.phones | set(phones)) for p in (first, second)]

    assert RANK[compare(*more, {}).verdict] >= RANK[compare(first, second, {}).verdict]


@given(PROFILES, PROFILES, st.integers(1, 8))
def test_more_holders_of_a_contact_never_raise_the_verdict(first: Profile, second: Profile, count: int) -> None:
    few, many = (dict.fromkeys(first.contacts(), number) for number in (count, count + 1))

    assert RANK[compare(first, second, many).verdict] <= RANK[compare(first, second, few).verdict]


@given(PROFILES, PROFILES)
def test_without_number_or_contact_nothing_is_the_same(first: Profile, second: Profile) -> None:
    shared = set(first.contacts()) & set(second.contacts())

    assert shared or compare(first, second, {}).verdict != SAME


@given(PROFILES)
def test_a_packed_profile_is_unpacked_the_same(found: Profile) -> None:
    import orjson  # noqa: PLC0415

    assert unpack(found.record_id, orjson.loads(orjson.dumps(pack(found)))) == found
