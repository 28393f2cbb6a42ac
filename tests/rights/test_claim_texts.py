"""The mails about claims: the same texts with the same gaps in four languages, each with its subject."""

from __future__ import annotations

import string

import pytest
from django.core import mail

from datacoop.rights import claim_mails
from datacoop.rights.wording import LANGUAGES, PHRASES


def claims(language: str) -> dict[str, set[str]]:
    texts = {key: text for key, text in PHRASES.of(language).items() if key.startswith("claims.")}
    return {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in texts.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_with_the_same_gaps(language: str) -> None:
    assert claims(language) == claims("fr")


def test_every_mail_has_a_subject_and_a_body() -> None:
    keys = set(claims("fr"))
    subjects = {key for key in keys if key.endswith("_subject")}
    assert {key.removesuffix("_subject") for key in subjects} <= keys
    assert len(subjects) == 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subject_begins_with_a_capital_where_the_name_is_not_shown(language: str) -> None:
    for name in (PHRASES.say(language, "claims.some_organisation"), "bbc Clairière"):
        reader = claim_mails._Reader("ursule@example.org", language)
        claim_mails._write(reader, "invitation_over", {"name": name})
    hidden, named = (each.subject for each in mail.outbox)
    assert hidden[0].isupper()
    assert named.startswith("bbc Clairière")
