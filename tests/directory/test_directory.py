"""Themes, territories, slugs, and messages waiting for the steward."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from datacoop.directory import actions, queries, rules, slugs, territories, themes

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOMEBODY = UUID("6f1c0a2b-1111-4222-8333-444455556666")


class TestThemes:
    def test_every_theme_has_a_parent_before_it_and_four_labels(self) -> None:
        seen: set[str] = set()
        for path, theme in themes.all_themes().items():
            assert theme.parent is None or theme.parent in seen
            assert all(theme.labels[language].strip() for language in themes.LANGUAGES)
            seen.add(path)

    def test_another_spelling_is_shown_and_placed_as_the_theme_it_means(self) -> None:
        for path in ("sport/basket", "sport/volleyball", "sport/velo", "education/numerique", "culture/patrimoine"):
            known = themes.known_as(path)
            assert known in themes.all_themes()
            assert path not in themes.all_themes()
            assert themes.label(path, "it") == themes.label(known, "it")
            assert themes.order(path) == themes.order(known)
            assert path in themes.spellings(known)

    @pytest.mark.parametrize("language", themes.LANGUAGES)
    def test_no_two_themes_have_one_name(self, language: str) -> None:
        labels = [theme.labels[language] for theme in themes.all_themes().values()]
        assert sorted(each for each in set(labels) if labels.count(each) > 1) == []

    def test_an_unknown_theme_is_shown_readably(self) -> None:
        assert themes.label("culture/arts-du-feu", "de") == "Arts du feu"

    def test_known_themes_come_before_unknown_ones(self) -> None:
        assert sorted(["zebre", "sport", "culture"], key=themes.order) == ["culture", "sport", "zebre"]


class TestTerritories:
    def test_finds_communes_whatever_the_accents_and_brackets(self) -> None:
        if not territories.all_communes():
            pytest.skip("the reference geography has not been built: python …/portal/frontend/build.py")
        assert [each.bfs for each in territories.find_communes("lausanne")] == [5586]
        assert [each.bfs for each in territories.find_communes("Renens")] == [5591]
        assert [each.bfs for each in territories.find_communes("bienne")] == [371]
        assert territories.find_communes("Nulle-Part") == ()

    def test_every_canton_is_a_territory(self) -> None:
        if not territories.all_communes():
            pytest.skip("the reference geography has not been built: python …/portal/frontend/build.py")
        assert 5586 in (territories.communes_of("ch-vd") or ())
        assert 5586 not in (territories.communes_of("CH-GE") or ())
        assert territories.communes_of("atlantis") is None


class TestSlugs:
    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("Chœur de la Cité", "choeur-de-la-cite-6f1c0a2b"),
            ("  ¡¿!  ", "6f1c0a2b"),
            ("a" * 100, "a" * 60 + "-6f1c0a2b"),
        ],
    )
    def test_says_the_name_and_ends_with_the_head_of_the_id(self, name: str, slug: str) -> None:
        assert slugs.slug_of(name, str(SOMEBODY)) == slug
        assert slugs.head_of(slug) == "6f1c0a2b"

    @pytest.mark.parametrize("slug", ["", "choeur", "6F1C0A2B", "choeur-6f1c0a2", "../6f1c0a2b", "x--6f1c0a2g"])
    def test_refuses_what_no_page_ends_with(self, slug: str) -> None:
        assert slugs.head_of(slug) is None


class TestMessages:
    def test_names_every_problem(self) -> None:
        found = rules.problems(sender_name="x" * 200, sender_email="nobody", text="  ")
        assert found == {"name": "too_long", "email": "not_an_email", "text": "empty"}

    @pytest.mark.django_db
    def test_waits_until_settled_and_is_erased_then(self) -> None:
        letter = actions.Letter("Nora Exemple", "nora@example.org", "Bonjour", "fr")
        actions.keep_message(record_uid=SOMEBODY, letter=letter, now=NOW)
        (waiting,) = queries.list_waiting()
        assert (waiting.record_uid, waiting.text) == (SOMEBODY, "Bonjour")

        assert actions.settle_message(number=waiting.number, state="passed_on", now=NOW)
        assert not actions.settle_message(number=waiting.number, state="passed_on", now=NOW)
        assert queries.count_waiting() == 0
        assert not actions.RelayMessage.objects.exclude(text="", sender_email="").exists()

    @pytest.mark.django_db
    def test_refuses_an_empty_message(self) -> None:
        with pytest.raises(actions.MessageRefused):
            actions.keep_message(record_uid=SOMEBODY, letter=actions.Letter("", "", "", "fr"), now=NOW)
        assert queries.count_waiting() == 0


def test_long_words_may_break_in_narrow_places_only() -> None:
    assert "\u00ad" in themes.breakable_label("origine", "de")
    assert themes.label("origine", "de") == "Herkunftsgemeinschaften"
