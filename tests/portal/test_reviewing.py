"""Pairs that look alike: seen side by side, judged, taken back, explained, split; nothing is shown that may not be."""

import doctest
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from datacoop.linking.actions import judge
from datacoop.linking.queries import list_judgements, list_review
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.portal import minimap
from datacoop.portal.cards import card
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward import comparing
from datacoop.portal.views.steward.comparing import marked
from tests.portal.conftest import HEADER, page_of

pytestmark = pytest.mark.django_db(transaction=True)

JUNIORS = "1;Chœur de la Clairière, section juniors;;culture/chant;association;Rue du Pont 1;1005;Lausanne;"
JUNIORS += "info@clairiere.example.org;;"
SAME = "2;Choeur de la Clairière;;culture/chant;association;Rue du Lac 7;1005;Lausanne;info@clairiere.example.org;;"
OVEN = "9;Les Amis du Four, section cuisson;;quartier/vie;association;;1020;Renens VD;four@amis-du-four.example.org;;"

Pour = Callable[..., Report]


@pytest.fixture
def pour(tmp_path: Path) -> Pour:
    """Bring in the rows of another list."""

    def bring(*rows: str, published: bool = True, header: str = HEADER) -> Report:
        other = tmp_path / "autre.csv"
        other.write_text("\n".join([header, *rows]), encoding="utf-8")
        page = "https://autre.example.org" if published else ""
        return contribute(Intake((other,), "Autre fichier", published=published, page=page), actor="steward:test")

    return bring


def html(client: Client, path: str = "/steward/review") -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def answer(client: Client, verdict: str) -> str:
    """Answer the first pair as its form does, and return where that leads."""
    shown = html(client)
    fields = dict(re.findall(r'name="(first|second)" value="([0-9a-f-]{36})"', shown))
    return str(client.post("/steward/review", {**fields, "verdict": verdict})["Location"])


def undo(client: Client, path: str = "/steward/review") -> str:
    number = re.search(r'name="judgement" value="(\d+)"', html(client, path))
    assert number
    return str(client.post(path, {"step": "back", "judgement": number[1]})["Location"])


def page_of_uid(uid: UUID) -> str:
    """Where the public finds an entry now."""
    found = find_one("organisation", str(uid))
    assert found
    return card(found, "fr").url


def bodies(visitor: Client, uid: UUID) -> str:
    """What a visitor sees of an entry, without what is drawn anew for each page."""
    shown = visitor.get(page_of_uid(uid)).content.decode()
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|"dateModified":"[^"]+"|name="stamp" value="[^"]+"', "", shown)


class TestPair:
    def test_says_why_with_weights_and_why_not_merged(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(JUNIORS)

        shown = html(steward)

        assert "même adresse e-mail" in shown
        assert re.search(r"<strong>\+\d+,\d</strong> même adresse e-mail", shown)
        assert "Pourquoi elles ne sont pas réunies" in shown
        assert "une autre section ou un autre groupe" in shown
        assert "<mark>section juniors</mark>" in shown
        assert "Autre fichier – liste" in shown

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_speaks_every_language(
        self, steward: Client, published: Callable[..., None], pour: Pour, language: str
    ) -> None:
        published()
        pour(JUNIORS)
        shown = steward.get("/steward/review", headers={"accept-language": language}).content.decode()

        assert f'<html lang="{language}">' in shown
        assert {"fr": "même thème", "de": "gleiches Thema", "it": "stesso tema", "en": "the same theme"}[
            language
        ] in shown

    def test_draws_both_places(self, steward: Client, published: Callable[..., None], pour: Pour) -> None:
        published()
        pour(JUNIORS)

        shown = html(steward)

        assert shown.count('<circle class="pin"') == 1
        assert shown.count('<circle class="pin-ring"') == 1
        assert "Les deux lieux" in shown

    def test_a_personal_value_is_never_in_the_page(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(
            "1;Chœur de la Clairière, section juniors;;culture/chant;association;p.a. Zoé Tilleul, Rue du Saule 9;1005;"
            "Lausanne;zoe.tilleul@example.org;;https://clairiere.example.org"
        )

        shown = html(steward)

        assert "section juniors" in shown
        assert "Zoé" not in shown
        assert "Saule" not in shown
        assert "zoe.tilleul" not in shown
        assert "Une valeur n’est pas montrée ici." in shown

    def test_can_be_answered_without_javascript(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        """Every key stands for a button or a link of the page."""
        published()
        pour(JUNIORS, OVEN)
        answer(steward, "unsure")

        shown = html(steward)

        keys = set(re.findall(r'data-key="(\w+)"', shown))
        assert {"s", "d", "p", "w", "u", "z"} <= keys
        for key in keys:
            assert re.search(rf'<(?:button|a)[^>]*data-key="{key}" aria-keyshortcuts="{key}"', shown)

    def test_strangers_see_nothing(self, visitor: Client, published: Callable[..., None], pour: Pour) -> None:
        published()
        pour(JUNIORS)
        (pair,) = list_review(limit=5)
        for path in ("review", f"review/{pair.first_uid}/{pair.second_uid}", "judgements"):
            assert visitor.get(f"/steward/{path}")["Location"] == "/sign-in"
            assert visitor.post(f"/steward/{path}", {"verdict": "same"})["Location"] == "/sign-in"
        assert list_judgements(limit=5) == []


class TestAnswering:
    def test_the_progress_grows(self, steward: Client, published: Callable[..., None], pour: Pour) -> None:
        published()
        pour(JUNIORS)
        assert "0 répondues, 1 à comparer" in html(steward)

        answer(steward, "different")

        shown = html(steward)
        assert "1 répondues, 0 à comparer" in shown
        assert 'max="1" value="1"' in shown
        assert "Aucune paire n’attend" in shown

    def test_the_last_answer_is_taken_back(self, steward: Client, published: Callable[..., None], pour: Pour) -> None:
        published()
        pour(JUNIORS)
        before = page_of(steward, "Clairière")
        answer(steward, "same")
        assert find_one("organisation", before.removeprefix("/o/")) is not None

        address = undo(steward)

        assert "La réponse est reprise" in html(steward, address)
        assert len(list_review(limit=5)) == 1
        assert list_judgements(limit=5) == []

    def test_of_two_stewards_each_takes_back_its_own(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(JUNIORS)
        (pair,) = list_review(limit=5)

        judge(first=pair.first_uid, second=pair.second_uid, verdict="unsure", actor="steward:999", now=pair.found_at)

        assert 'data-key="z"' not in html(steward)

    def test_an_answer_taken_back_twice_is_told_so(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(JUNIORS)
        answer(steward, "unsure")
        number = list_judgements(limit=1)[0].id
        undo(steward)

        again = steward.post("/steward/review", {"step": "back", "judgement": number})

        assert again.status_code == 409
        assert steward.post("/steward/judgements", {"judgement": "x"}).status_code == 409

    def test_every_answer_is_listed_and_can_be_taken_back(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(JUNIORS)
        answer(steward, "part_of")

        shown = html(steward, "/steward/judgements")
        assert "L’une fait partie de l’autre" in shown
        assert "Steward" in shown
        number = re.search(r'name="judgement" value="(\d+)"', shown)
        assert number
        steward.post("/steward/judgements", {"judgement": number[1]})

        assert "Aucune réponse encore" in html(steward, "/steward/judgements")

    @pytest.mark.parametrize("said", ["part_of", "whole_of"])
    def test_who_answers_says_which_of_both_is_the_part(
        self, steward: Client, published: Callable[..., None], pour: Pour, said: str
    ) -> None:
        published()
        pour(JUNIORS)
        sides = dict(re.findall(r'name="(first|second)" value="([0-9a-f-]{36})"', html(steward)))
        part, whole = ("first", "second") if said == "part_of" else ("second", "first")

        answer(steward, said)

        assert "Fait partie de" in html(steward, page_of_uid(UUID(sides[part])))
        assert "Fait partie de" not in html(steward, page_of_uid(UUID(sides[whole])))

    def test_the_arrows_pass_over_a_pair_without_an_answer(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(JUNIORS, OVEN)
        assert len(list_review(limit=5)) == 2

        first, second = html(steward), html(steward, "/steward/review?at=1")

        assert 'href="/steward/review?at=1" data-key="ArrowRight"' in first
        assert 'href="/steward/review?at=0" data-key="ArrowLeft"' in second
        assert "ArrowRight" not in second
        assert html(steward, "/steward/review?at=99").count("Four") == second.count("Four")


class TestMerging:
    def test_any_two_are_compared_merged_redirected_and_split(
        self, steward: Client, visitor: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        pour(JUNIORS)
        (pair,) = list_review(limit=5)
        uids = [pair.first_uid, pair.second_uid]
        pages = [page_of_uid(uid) for uid in uids]
        before = [bodies(visitor, uid) for uid in uids]
        assert pages[0] != pages[1]
        compare = steward.get(f"/steward/records/{uids[0]}/compare", {"other": pages[1]})["Location"]
        assert compare == f"/steward/review/{uids[0]}/{uids[1]}"

        steward.post(compare, {"first": uids[0], "second": uids[1], "verdict": "same"})

        loser = next(at for at, path in enumerate(pages) if visitor.get(path).status_code == 301)
        survivor = page_of_uid(uids[1 - loser])
        assert visitor.get(pages[loser])["Location"] == survivor
        assert visitor.get(survivor).status_code == 200
        shown = html(steward, compare)
        assert "Ces deux fiches sont réunies en une." in shown
        assert "Séparer : ce sont deux différentes" in shown
        assert 'value="same"' not in shown
        record = steward.post(f"/steward/records/{uids[0]}", {"reason": "essai"}).content.decode()
        assert "Fiches réunies en celle-ci" in record
        assert "par une personne" in record

        steward.post(compare, {"first": uids[0], "second": uids[1], "verdict": "different"})

        assert "Ces deux fiches sont réunies" not in html(steward, compare)
        assert [visitor.get(path).status_code for path in pages] == [200, 200]
        assert [bodies(visitor, uid) for uid in uids] == before

    def test_the_list_that_united_two_is_named(
        self, steward: Client, published: Callable[..., None], pour: Pour
    ) -> None:
        published()
        assert pour(SAME).counts["matched"] == 1
        address = page_of(steward, "Clairière")
        uid = (find_one("organisation", address.removeprefix("/o/")) or {})["id"]

        record = steward.post(f"/steward/records/{uid}", {"reason": "essai"}).content.decode()

        assert "par la liste d&#x27;Autre fichier" in record
        assert "Autre fichier – liste" in record

    def test_nothing_is_compared_with_itself_or_nobody(self, steward: Client, published: Callable[..., None]) -> None:
        published()
        address = page_of(steward, "Clairière")
        uid = (find_one("organisation", address.removeprefix("/o/")) or {})["id"]
        for other in ("", str(uid), "nobody-00000000"):
            assert steward.get(f"/steward/records/{uid}/compare", {"other": other}).status_code == 404
        nobody = "00000000-0000-4000-8000-000000000000"
        assert steward.get(f"/steward/review/{uid}/{nobody}").status_code == 404


class TestMarked:
    def test_marks_what_the_other_has_not(self) -> None:
        pieces = marked("Chœur de la Clairière", "Choeur mixte de la Clairière à Lausanne")

        assert [piece.text for piece in pieces if piece.differs] == []
        assert " ".join(piece.text for piece in pieces) == "Chœur de la Clairière"
        assert [p.text for p in marked("Rue du Lac 7 bis", "Rue du Bois 7") if p.differs] == ["Lac", "bis"]
        assert [p.text for p in marked("Pivoine", "Ruche")] == ["Pivoine"]

    def test_examples_hold(self) -> None:
        for module in (comparing, minimap):
            found = doctest.testmod(module)
            assert (found.failed, found.attempted > 0) == (0, True)
