"""Which contacts reach a person: in doubt, all of them. Every name here is invented."""

import pytest

from datacoop.sources.contacts import (
    BESIDE_PERSON,
    CARE_OF,
    CARRIES_NAME,
    address_reason,
    email_reason,
    names_in,
    phone_reason,
)

NOBODY = frozenset()


@pytest.mark.parametrize(
    "mailbox",
    [
        "info@choeur.example.org",
        "contact@gmail.com",
        "secretariat.choeur@bluewin.ch",
        "president@gym.example.org",
        "choeur.clairiere@bluewin.ch",
        "clairiere@gmail.com",
        "gymbex@gmail.com",
        "ecole.jeanmonnet@example.org",
        "bex@example.org",
        "vorstand@verein.example.org",
    ],
)
def test_an_office_reads_its_mailbox(mailbox):
    name = "Chœur de la Clairière" if "gym" not in mailbox else "Gym Bex"
    assert email_reason(mailbox, name, "Bex", NOBODY) is None


@pytest.mark.parametrize(
    "mailbox",
    [
        "monique.tassonnier@example.org",
        "m.tassonnier@choeur.example.org",
        "monique@choeur.example.org",
        "tassonnier.m@gmail.com",
        "tassonnier@gmail.com",
        "president.tassonnier@gmail.com",
        "moniquetass.monique@gmail.com",
        "x.y@gmail.com",
    ],
)
def test_a_mailbox_that_may_carry_a_name_is_personal(mailbox):
    assert email_reason(mailbox, "Chœur de la Clairière", "Bex", NOBODY) == CARRIES_NAME


def test_a_mailbox_named_after_a_person_of_the_row_is_personal():
    persons = names_in(["Tassonnier Monique"])
    assert email_reason("mtassonnier@choeur-tassonnier.example.org", "Chœur Tassonnier", "Bex", persons) == CARRIES_NAME


@pytest.mark.parametrize(
    ("mobile", "named", "near", "reason"),
    [
        (True, True, False, BESIDE_PERSON),
        (True, False, False, None),
        (False, True, False, None),
        (False, True, True, BESIDE_PERSON),
    ],
)
def test_a_phone_beside_a_person_is_personal(mobile, named, near, reason):
    assert phone_reason(mobile, named, near) == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("c/o M. Tassonnier, rue Haute 3", CARE_OF),
        ("Chez Tassonnier", CARE_OF),
        ("p.a. Monique Tassonnier", CARE_OF),
        ("z.Hd. Herrn Tasson", CARE_OF),
        ("presso Tasson", CARE_OF),
        ("chez la Maison de quartier", None),
        ("Mme Tassonnier", CARRIES_NAME),
        ("Monique Tassonnier", CARRIES_NAME),
        ("Rue Monique-Tassonnier 3", None),
        ("Avenue Monique Tassonnier", None),
        ("Espace Monique Tassonnier", None),
        ("Rue Haute 3", None),
    ],
)
def test_an_address_with_somebody_in_it_is_personal(line, reason):
    assert address_reason({"street": line}, NOBODY, False) == reason
