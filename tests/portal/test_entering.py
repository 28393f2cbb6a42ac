"""A steward enters and corrects records in forms that follow from the kinds."""

from collections.abc import Callable

import pytest
from django.test import Client

from datacoop.kinds.definition import all_kinds, kind
from datacoop.pipelines.entering import may_be_entered
from datacoop.portal.fields import fields_of
from tests.portal.conftest import page_of

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"step": "save", "reason": "asked by letter"}


def record_page(client: Client, name: str) -> str:
    return str(client.get("/steward/find", {"record": page_of(client, name)})["Location"])


class TestFields:
    @pytest.mark.parametrize("name", [k.name for k in all_kinds().values() if may_be_entered(k)])
    def test_every_property_of_a_kind_has_a_field(self, name: str) -> None:
        paths = {field.path.partition(".")[0] for field in fields_of(kind(name), "fr", {})}

        assert paths == {each.name for each in kind(name).properties}

    def test_nobody_enters_natural_persons_for_them(self, steward: Client) -> None:
        assert [k.name for k in all_kinds().values() if may_be_entered(k)] == ["activity", "need", "organisation"]
        assert steward.get("/steward/new/roles").status_code == 404


class TestNew:
    def test_a_new_organisation_is_shown_at_once(self, steward: Client, visitor: Client) -> None:
        form = {"name": "Atelier du Héron", "addresses.postal_code": "1003", "addresses.city": "Lausanne", **WHY}

        answer = steward.post("/steward/new/organisations", form)

        assert answer.status_code == 302
        assert "Atelier du Héron" in visitor.get("/organisations", {"q": "heron", "commune": "5586"}).content.decode()

    def test_themes_and_languages_are_ticked_not_typed(self, steward: Client, visitor: Client) -> None:
        html = steward.get("/steward/new/organisations").content.decode()
        assert 'type="checkbox" name="theme" value="culture"' in html
        form = {"name": "Atelier du Héron", "theme": ["culture", "sport"], "languages": ["fr", "de"], **WHY}

        answer = steward.post("/steward/new/organisations", form)

        assert answer.status_code == 302, answer.content.decode()
        assert "Atelier du Héron" in visitor.get("/organisations", {"theme": "sport"}).content.decode()
        again = steward.post(f"{answer['Location']}/correct", {"reason": "asked"}).content.decode()
        assert 'name="theme" value="culture" checked' in again
        assert again.count(" checked>") == 4

    def test_says_which_field_cannot_be_read_and_keeps_what_was_typed(self, steward: Client) -> None:
        answer = steward.post("/steward/new/organisations", {"name": "Atelier", "email": "nowhere", **WHY})

        html = answer.content.decode()
        assert answer.status_code == 422
        assert 'id="email-problem"' in html
        assert 'value="nowhere"' in html

    def test_without_a_name_nothing_is_saved(self, steward: Client, visitor: Client) -> None:
        assert (
            steward.post("/steward/new/organisations", {"website": "https://heron.example.org", **WHY}).status_code
            == 422
        )


class TestCorrect:
    def test_needs_a_reason(self, published: Callable[..., None], steward: Client) -> None:
        published()
        path = record_page(steward, "Clairière")

        assert 'name="email"' not in steward.get(f"{path}/correct").content.decode()
        assert 'name="email"' in steward.post(f"{path}/correct", {"reason": "asked"}).content.decode()

    def test_the_stewards_word_wins_over_the_list_and_survives_it(
        self, published: Callable[..., None], steward: Client, visitor: Client
    ) -> None:
        published()
        path = record_page(steward, "Clairière")
        form = {"name": "Chœur de la Clairière", "website": "https://choeur.example.org", **WHY}

        assert steward.post(f"{path}/correct", form).status_code == 302
        published()

        html = visitor.get(page_of(visitor, "Clairière")).content.decode()
        assert "https://choeur.example.org" in html
        assert "https://clairiere.example.org" not in html
        assert "Rue du Lac 7" in html, "what was not typed stays as the list says it"
