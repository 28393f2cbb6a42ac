"""The stewards' pages of lists: what is known of one, its deliveries, pulled files, and taking the last one back."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from datacoop.accounts.models import Account
from datacoop.pipelines.pulling import pull
from datacoop.sources.queries import list_lists
from tests.pipelines.pouring import HOLDER, club, clubs, seen, take, write
from tests.pipelines.web import HOST, Answer, Web, served

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = {"step": "describe", "publisher": "", "contact": "", "licence": "", "address": "", "pull_hours": ""}


@pytest.fixture
def source(tmp_path: Path) -> int:
    take(write(tmp_path, clubs(8)))
    return list_lists()[0].source_id


@pytest.fixture
def web(settings: Any, tmp_path: Path) -> Iterator[Web]:
    settings.DATACOOP_PULL_HOSTS, settings.DATACOOP_DATA_DIR = frozenset({HOST}), tmp_path / "data"
    with served() as web:
        yield web


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class TestAccess:
    @pytest.mark.parametrize("path", ["/steward/lists/1", "/steward/lists/1/undo", "/steward/lists/1/1"])
    def test_is_for_stewards(self, visitor: Client, path: str, source: int) -> None:
        assert visitor.get(path).status_code == 302
        assert visitor.post(path).status_code in {302, 405}
        assert len(seen()) == 8

    @pytest.mark.parametrize(
        "path",
        ["/steward/lists/99999", "/steward/lists/99999/undo", "/steward/lists/99999/1", "/steward/lists/{}/99999"],
    )
    def test_of_what_is_not_there_is_missing(self, steward: Client, source: int, path: str) -> None:
        assert steward.get(path.format(source)).status_code == 404


class TestFacts:
    def test_are_noted_and_shown(self, steward: Client, source: int) -> None:
        facts = {
            **FACTS, "publisher": "Ville d’Exemple", "licence": "CC BY 4.0", "every_days": "30", "rows_from": "5",
            "rows_to": "12", "address": "https://liste.example.org/été.csv", "pull_hours": "24",
        }  # fmt: skip

        assert steward.post(f"/steward/lists/{source}", facts).status_code == 302

        html = steward.get(f"/steward/lists/{source}").content.decode()
        assert 'value="Ville d’Exemple"' in html
        assert 'value="https://liste.example.org/%C3%A9t%C3%A9.csv"' in html
        assert '<option value="24" selected>' in html
        assert 'value="5"' in html
        assert 'value="30"' in html

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"address": "https://a:b@example.org/"}, "Adresse où la chercher: Ce n’est pas l’adresse d’un fichier"),
            ({"address": "http://169.254.169.254/"}, "Adresse où la chercher: Cette adresse mène dans un réseau privé"),
            ({"address": "http://[::ffff:7f00:1]/"}, "Adresse où la chercher: Cette adresse mène dans un réseau privé"),
            ({"rows_from": "9", "rows_to": "3"}, "au plus: plus petit que"),
            ({"every_days": "souvent"}, "nombre impossible"),
        ],
    )
    def test_that_cannot_be_meant_are_told_and_what_was_typed_is_kept(
        self, steward: Client, source: int, changes: dict[str, str], said: str
    ) -> None:
        answer = steward.post(f"/steward/lists/{source}", {**FACTS, "publisher": "Ville", **changes})

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert 'value="Ville"' in answer.content.decode()
        assert 'value="Ville"' not in steward.get(f"/steward/lists/{source}").content.decode()


class TestPulling:
    def _described(self, steward: Client, source: int, web: Web) -> None:
        steward.post(f"/steward/lists/{source}", {**FACTS, "address": web.url("/l.csv"), "pull_hours": "168"})

    def test_says_why_it_fails_and_how_old_the_list_is(self, steward: Client, source: int, web: Web) -> None:
        self._described(steward, source, web)

        steward.post(f"/steward/lists/{source}", {"step": "pull"})

        for path in ("/steward/lists", f"/steward/lists/{source}"):
            assert "Le serveur refuse (404)" in text_of(steward, path)
        assert "Bonne la dernière fois le: jamais" in text_of(steward, f"/steward/lists/{source}")

    @pytest.mark.parametrize(("answer", "left"), [("accept", 3), ("reject", 8)])
    def test_asks_about_a_doubtful_file_and_obeys(
        self, steward: Client, source: int, web: Web, tmp_path: Path, answer: str, left: int
    ) -> None:
        self._described(steward, source, web)
        web.answers["/l.csv"] = Answer(write(tmp_path, clubs(3), "l.csv").read_bytes())
        pull(source_id=source)

        assert "5 des 8 lignes du dernier fichier manquent" in text_of(steward, f"/steward/lists/{source}")
        assert "attend votre réponse" in text_of(steward, "/steward/lists")
        assert steward.post(f"/steward/lists/{source}", {"step": answer}).status_code == 302

        assert len(seen()) == left
        assert "Est-ce le bon fichier" not in text_of(steward, f"/steward/lists/{source}")
        assert steward.post(f"/steward/lists/{source}", {"step": answer}).status_code == 422

    def test_shows_no_value_of_a_file_that_waits(self, steward: Client, source: int, web: Web, tmp_path: Path) -> None:
        self._described(steward, source, web)
        body = write(tmp_path, [club(1, **{"E-mail": "secret@canari.example.ch"})], "l.csv").read_bytes()
        web.answers["/l.csv"] = Answer(body)
        pull(source_id=source)

        assert "canari" not in steward.get(f"/steward/lists/{source}").content.decode()


class TestHistory:
    @pytest.fixture
    def changed(self, source: int, tmp_path: Path) -> int:
        rows = [club(1, Téléphone="021 555 77 77"), *clubs(7)[1:], club(9, Nom="Caché & Fils")]
        take(write(tmp_path, rows, "mars.csv"))
        return source

    def test_tells_who_brought_what_when_and_what_came_of_it(self, steward: Client, changed: int) -> None:
        told = text_of(steward, f"/steward/lists/{changed}")

        assert " 2 versée la gestion mars.csv 8 8 0 1 1 1" in told

    def test_tells_which_information_of_which_entries_changed_and_no_value(self, steward: Client, changed: int) -> None:
        page = steward.get(f"/steward/lists/{changed}").content.decode()
        newest = re.findall(rf"/steward/lists/{changed}/(\d+)", page)[0]

        told = text_of(steward, f"/steward/lists/{changed}/{newest}")

        assert re.search(r"Club numéro Babake Téléphones? \(changé\)", told)
        assert "Caché &amp; Fils" in told
        assert "disparu" in told
        assert "555" not in told
        assert "Babake.example.ch" not in told

    def test_takes_the_last_delivery_back_after_asking(self, steward: Client, changed: int) -> None:
        asked = text_of(steward, f"/steward/lists/{changed}/undo")
        assert "mars.csv" in asked
        assert "reste" in asked

        assert steward.post(f"/steward/lists/{changed}/undo", {"number": "2"}).status_code == 302

        assert len(seen()) == 8
        told = text_of(steward, f"/steward/lists/{changed}")
        assert "annule la livraison 2" in told
        assert "annulée" in told
        assert "Annuler la dernière" not in told
        assert "rien à annuler" in text_of(steward, f"/steward/lists/{changed}/undo", 409)

    def test_does_not_take_back_another_one_than_was_asked_about(
        self, steward: Client, changed: int, tmp_path: Path
    ) -> None:
        take(write(tmp_path, clubs(8), "avril.csv"))

        answer = steward.post(f"/steward/lists/{changed}/undo", {"number": "2"})

        assert answer.status_code == 409
        assert "avril.csv" in answer.content.decode()
        assert len(seen()) == 8

    def test_goes_on_where_there_are_many_entries(self, steward: Client, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(70)), holder="Grande Ville")
        source = next(each.source_id for each in list_lists() if each.holder == "Grande Ville")
        page = steward.get(f"/steward/lists/{source}").content.decode()
        path = re.findall(rf"/steward/lists/{source}/\d+", page)[0]
        first = steward.get(path).content.decode()
        after = re.findall(r"\?after=([0-9a-f-]{36})", first)[0]

        second = steward.get(path, {"after": after}).content.decode()

        shown = [set(re.findall(r"/steward/records/([0-9a-f-]{36})", html)) for html in (first, second)]
        assert list(map(len, shown)) == [50, 20]
        assert not shown[0] & shown[1]
        assert 'href="?after=' not in second

    def test_tells_how_many_rows_the_list_holds_after_a_part_of_it(
        self, steward: Client, changed: int, tmp_path: Path
    ) -> None:
        take(write(tmp_path, [club(1, Téléphone="021 555 66 66"), club(20)], "part.csv"), partial=True)

        for path in ("/steward/lists", f"/steward/lists/{changed}"):
            assert "9 lignes dans la liste aujourd’hui" in text_of(steward, path)

        take(write(tmp_path, clubs(7), "whole.csv"), accept_removals=True)
        assert "7 lignes dans la liste aujourd’hui" in text_of(steward, "/steward/lists")
        steward.post(f"/steward/lists/{changed}/undo", {"number": "4"})
        assert "9 lignes dans la liste aujourd’hui" in text_of(steward, "/steward/lists")

    def test_shows_the_number_that_an_undoing_refers_to_and_who_asked(self, steward: Client, changed: int) -> None:
        Account.objects.filter(is_steward=True).update(name="Ada Gérante")
        steward.post(f"/steward/lists/{changed}/undo", {"number": "2"})

        page = steward.get(f"/steward/lists/{changed}").content.decode()

        assert 'data-label="Par">Ada Gérante (la gestion)<' in page
        assert re.findall(r'data-label="Livraison">(\S+?)</td><td data-label="État">(.+?)</td>', page) == [
            ("3", "annule la livraison 2"), ("2", "annulée"), ("1", "versée"),
        ]  # fmt: skip


def test_the_list_is_named_on_the_overview(steward: Client, source: int) -> None:
    assert f"{HOLDER} – liste" in text_of(steward, "/steward/lists").replace("&#x27;", "'")
