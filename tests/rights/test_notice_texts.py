"""What notices say: no membership to strangers, few words before the choices, what the law asks for."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.disclosure.compile.policies import current_policy
from datacoop.disclosure.own.notifying import Reach
from datacoop.rights.actions.composing import legal_of, told_of
from datacoop.rights.rules.notices import is_shared_mailbox
from datacoop.rights.rules.telling import (
    MOST_HOLDERS,
    MOST_WORDS,
    Told,
    before_the_law,
    choices,
    first_sentence,
    opening,
    words_in,
)
from datacoop.rights.wording import LANGUAGES, NOTICE_VERSION, PHRASES, notice_sha256

SAY = PHRASES.say
ROLES = ("president", "vice_president", "treasurer", "secretary", "committee", "honorary", "member", "contact")
THEMES = ("culture/chant", "culture/musique", "sport/football", "social/entraide", "")
HOLDER = "Ville de Clairière"
#: What tells a stranger that somebody is in a committee, or in what.
TELLING = {
    language: {SAY(language, f"notices.role_{role}") for role in ROLES}
    | {SAY(language, f"notices.where_{where}") for where in ("choir", "music", "sport", "other")}
    for language in LANGUAGES
}


def known(**said: object) -> Reach:
    values: dict[str, object] = {
        "subject_id": 1, "uid": uuid.UUID(int=1), "natural": True, "language": "fr", "email": "ana.muster@example.net",
        "through": "", "own_domains": frozenset(), "name": "Ana Muster", "address": (), "function": "treasurer",
        "theme": "culture/chant", "is_sensitive": False, "content": b"", "categories": (("person", "name"),),
    }  # fmt: skip
    return Reach(**(values | said))  # type: ignore[arg-type]


locals_of_mailboxes = st.text("abcdefghijklmnopqrstuvwxyz.-0123456789", min_size=1, max_size=20)


class TestStrangers:
    @given(
        local=locals_of_mailboxes,
        shared=st.sampled_from(("info", "contact", "comite", "praesident", "kassier", "segreteria")),
        role=st.sampled_from(ROLES),
        theme=st.sampled_from(THEMES),
        language=st.sampled_from(LANGUAGES),
        how=st.sampled_from(("name", "domain", "through")),
    )
    def test_a_shared_mailbox_reads_of_no_membership(
        self, local: str, shared: str, role: str, theme: str, language: str, how: str
    ) -> None:
        given_ = {"function": role, "theme": theme, "language": language}
        reach = {
            "name": known(email=f"{shared}@example.net", **given_),
            "domain": known(email=f"{local}@chor.example.org", own_domains=frozenset({"chor.example.org"}), **given_),
            "through": known(email="", through=f"{local}@chor.example.org", **given_),
        }[how]
        self._says_nothing(reach, language)

    @given(
        role=st.sampled_from(ROLES),
        theme=st.sampled_from(current_policy().sensitive_themes),
        language=st.sampled_from(LANGUAGES),
    )
    def test_a_sensitive_theme_tells_no_membership(self, role: str, theme: str, language: str) -> None:
        reach = known(function=role, theme=theme, is_sensitive=True)
        self._says_nothing(reach, language)

    @given(name=st.text(min_size=3, max_size=40), role=st.sampled_from(ROLES), language=st.sampled_from(LANGUAGES))
    def test_no_message_holds_the_name_of_a_person(self, name: str, role: str, language: str) -> None:
        marked = f"⟦{name}⟧"
        told = told_of(HOLDER, known(name=marked, function=role))
        assert marked not in opening(SAY, [language], [told]) + choices(SAY, [language], [told])

    def test_says_the_function_to_the_person_alone(self) -> None:
        assert first_sentence(SAY, "en", told_of("Lausanne", known())) == (
            "Lausanne’s list names you as treasurer of a choir."
        )
        assert first_sentence(SAY, "en", told_of("Lausanne", known(email="info@example.net"))) == (
            "Lausanne’s list speaks of the person who reads this address."
        )

    def _says_nothing(self, reach: Reach, language: str) -> None:
        said = opening(SAY, [language], [told_of(HOLDER, reach)])
        assert not {words for words in TELLING[language] if words in said}


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryLanguage:
    def test_begins_by_saying_who_sees_it_and_who_decides(self, language: str) -> None:
        said = opening(SAY, [language], [told_of("Lausanne", known())])
        assert said.endswith(SAY(language, "notices.nobody"))
        assert said.startswith(first_sentence(SAY, language, told_of("Lausanne", known())))

    def test_offers_three_choices_alike(self, language: str) -> None:
        lines = choices(SAY, [language], [told_of("Lausanne", known(), address="https://example.org/n/x")]).split("\n")
        assert [line for line in lines if line.startswith("– ")] == [
            f"– {SAY(language, f'notices.{each}')}" for each in ("proposed", "less", "nothing")
        ]

    def test_tells_what_the_law_asks_for(self, language: str) -> None:
        said = legal_of(HOLDER, known(), language)
        for needed in (HOLDER, "15", "21", "25", "28", "30", "31", "32", "3003"):
            assert needed in said
        assert SAY(language, "notices.legal_recipients_none") in said

    def test_has_every_text(self, language: str) -> None:
        texts = {key for key in PHRASES.of(language) if key.startswith("notices.")}
        assert texts == {key for key in PHRASES.of("fr") if key.startswith("notices.")}

    def test_what_stewards_are_written_counts_and_is_no_part_of_the_version(
        self, language: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, two = (SAY(language, "stewards.late", count=count, address="") for count in (1, 2))
        assert one.replace("1", "2", 1).split(".")[0] != two.split(".")[0]

        texts = dict(PHRASES.of(language))
        monkeypatch.setitem(PHRASES._read, language, texts | {"stewards.late.one": "Other words."})
        notice_sha256.cache_clear()
        changed = notice_sha256(language)
        notice_sha256.cache_clear()

        assert changed[:12] == HASHES[language]

    def test_the_texts_are_those_of_their_version(self, language: str) -> None:
        """Whoever changes a word counts the version on, and writes the new beginning of the hash here."""
        assert (NOTICE_VERSION, notice_sha256(language)[:12]) == (4, HASHES[language])


@given(
    holders=st.lists(
        st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=12).map(" ".join),
        min_size=1,
        max_size=MOST_HOLDERS,
    ),
    languages=st.sampled_from([*((each,) for each in LANGUAGES), LANGUAGES]),
    role=st.sampled_from(ROLES),
    theme=st.sampled_from(THEMES),
    natural=st.booleans(),
    safe=st.booleans(),
    reminder=st.booleans(),
)
def test_has_at_most_120_words_before_the_choices(
    holders: list[str], languages: tuple[str, ...], role: str, theme: str, natural: bool, safe: bool, reminder: bool
) -> None:
    name = "Chœur de la Clairière et du Lac et de tous ses alentours"
    told = [
        Told(each, natural, safe, name, role, theme, "https://example.org/n/x")
        for each in (holders[:1] if reminder else holders)
    ]
    said = before_the_law(SAY, languages, told, is_reminder=reminder)
    before = said.removesuffix(choices(SAY, languages, told))
    assert before != said
    assert words_in(before) <= MOST_WORDS
    assert "…" not in before
    assert all(each.holder in before for each in told)


@pytest.mark.parametrize("natural", [True, False])
def test_has_room_for_the_longest_names_of_three_holders_in_four_languages(natural: bool) -> None:
    longest = " ".join("abcdefghijkl")
    told = [Told(longest, natural, False, "Chœur", "president", "culture/chant", "https://example.org/n/x")] * 3
    before = before_the_law(SAY, LANGUAGES, told).removesuffix(choices(SAY, LANGUAGES, told))
    assert words_in(before) <= MOST_WORDS


@pytest.mark.parametrize("address", ["info@example.org", "tresorier@example.org", "club.comite@example.org"])
def test_knows_mailboxes_named_by_a_function(address: str) -> None:
    assert is_shared_mailbox(address)


HASHES = {"fr": "6ddc8c5756c1", "de": "7dd723481505", "it": "9626e2e1102b", "en": "edeb07b1293e"}
