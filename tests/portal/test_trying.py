"""Try with my file, through the pages: a real file, looked at in a process of its own."""

import io
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client, RequestFactory, override_settings

from datacoop.jobs.actions import run_due
from datacoop.pipelines.trying import held, working
from datacoop.portal import limits
from datacoop.portal.catalogue import say
from tests.database.server import url_of
from tests.pipelines.lists_to_try import CHOIR, HEAD, OVEN, data_folder, separated, workbook

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = ("fr", "de", "it", "en")
WAIT_SECONDS = 60


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own; the process apart finds the database of the tests."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        monkeypatch.setenv("DATACOOP_DATABASE_URL", f"sqlite:///{database['NAME']}")
    else:
        monkeypatch.setenv("DATACOOP_DATABASE_URL", url_of(Path(str(database["HOST"])), str(database["NAME"])))
    monkeypatch.setattr("datacoop.portal.views.trying.TRIES", limits.Limit(most=1000, seconds=60))
    with data_folder(tmp_path / "data"):
        yield tmp_path


@pytest.fixture
def unlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the file."""
    monkeypatch.setattr(working, "start", lambda _token: None)


def send(visitor: Client, content: bytes, name: str = "liste.csv") -> HttpResponseBase:
    return visitor.post("/try", {"file": SimpleUploadedFile(name, content)})


def address_of(answer: HttpResponseBase) -> str:
    assert answer.status_code == 302, answer.status_code
    return answer.headers["Location"]


def wait_for(visitor: Client, address: str) -> str:
    """The page, once nothing more happens."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        answer = visitor.get(address)
        if "Refresh" not in answer.headers:
            return answer.content.decode()
        time.sleep(0.2)
    pytest.fail("still waiting")


LIST = separated([HEAD, CHOIR, [*OVEN[:4], "four@gmial.com", "", ""]])


class TestForm:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stands_in_each_language_and_is_linked(self, visitor: Client, language: str) -> None:
        answer = visitor.get("/try", headers={"accept-language": language})
        html = answer.content.decode()
        assert 'enctype="multipart/form-data"' in html
        assert not answer.cookies
        for path in ("/", "/about"):
            assert 'href="/try"' in visitor.get(path, headers={"accept-language": language}).content.decode()

    def test_asks_for_a_file(self, visitor: Client) -> None:
        for answer in (visitor.post("/try"), send(visitor, b"")):
            assert answer.status_code == 422
            assert "Choisissez d’abord un fichier" in answer.content.decode()

    def test_refuses_more_than_it_holds(self, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(held, "MOST_BYTES", 1_000_000)
        for size in (1_000_001, 1_100_000):
            assert send(visitor, b"x" * size).status_code == 413
        assert not held.tries().exists()

    def test_refuses_a_long_request_before_reading_its_form(self, visitor: Client) -> None:
        answer = visitor.generic("POST", "/try", b"x", content_type="multipart/form-data; boundary=b",
                                 CONTENT_LENGTH=str(held.MOST_BYTES + 1_000_000))  # fmt: skip
        assert answer.status_code == 413

    def test_is_limited_by_network(self, visitor: Client, monkeypatch: pytest.MonkeyPatch, unlooked: None) -> None:
        monkeypatch.setattr("datacoop.portal.views.trying.TRIES", limits.Limit(most=1, seconds=60))
        assert visitor.post("/try", {"file": SimpleUploadedFile("a.csv", LIST)}).status_code == 302
        assert send(visitor, LIST).status_code == 429
        other = visitor.post("/try", {"file": SimpleUploadedFile("a.csv", LIST)}, REMOTE_ADDR="192.0.2.7")
        assert other.status_code == 302

    def test_takes_no_more_than_a_few_at_once(
        self, visitor: Client, monkeypatch: pytest.MonkeyPatch, unlooked: None
    ) -> None:
        monkeypatch.setattr(held, "MOST_UNFINISHED", 2)
        answers = [send(visitor, LIST).status_code for _ in range(3)]
        assert answers == [302, 302, 503]

    def test_holds_no_more_than_so_much(self, visitor: Client, monkeypatch: pytest.MonkeyPatch, unlooked: None) -> None:
        monkeypatch.setattr(held, "MOST_HELD_BYTES", 100)
        assert [send(visitor, LIST).status_code for _ in range(2)] == [302, 503]


class TestFromFileToWorkbook:
    def test_leads_by_progress_to_the_report_and_the_same_workbook(self, visitor: Client, folder: Path) -> None:
        source = workbook(folder / "Comité d’Ada Exemple.xlsx", [HEAD, CHOIR, [*OVEN[:4], "four@gmial.com", "", ""]])
        address = address_of(send(visitor, source.read_bytes(), source.name))
        html = wait_for(visitor, address)
        assert "Votre liste, examinée" in html
        assert "gmail.com" in html
        assert "la feuille «\u202fMembres d&#x27;ici\u202f»" in html
        answer = visitor.get(f"{address}/workbook.xlsx")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="ma-liste-avec-remarques.xlsx"'
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames == ["Membres d'ici", "Comptes", "Caché", "Remarques"]
        comment = book["Membres d'ici"]["E3"].comment
        assert comment is not None
        assert "Est-ce gmail.com" in comment.text
        assert visitor.get(f"{address}/table.csv").status_code == 404

    def test_gives_separated_values_back_as_such_too(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        address = address_of(send(visitor, LIST))
        html = wait_for(visitor, address)
        assert "2 de vos 2 organisations sont déjà dans l’annuaire public." in html
        assert "vos cellules restent telles que vous les avez envoyées" in html
        text = visitor.get(f"{address}/table.csv").content.decode()
        assert text.splitlines()[0] == ";".join(HEAD) + ';"Remarques"'

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_reports_in_each_language(self, visitor: Client, language: str) -> None:
        rows = [["Nom", "Localité", "E-mail", "Présidente"], ["Club Un", "Lausanne", "x@gmial.com", "Ada Exemple"]]
        visitor.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        address = address_of(send(visitor, separated([*rows, rows[1]])))
        page = wait_for(visitor, address)
        assert f'<html lang="{language}">' in page
        assert f"<li>{say(language, 'trying.doubles', count=1)}</li>" in page

    def test_tells_what_was_not_counted_nor_checked(self, visitor: Client, folder: Path) -> None:
        (folder / "data" / "localities.json").unlink()
        page = wait_for(
            visitor, address_of(send(visitor, separated([HEAD, CHOIR, ["SPORTS", *[""] * (len(HEAD) - 1)], OVEN])))
        )
        assert "elle n’a pas été comptée : ligne 3" in page
        assert "Les codes postaux n’ont pas été contrôlés" in page

    def test_praises_no_menu(self, visitor: Client) -> None:
        menu = [["Nom", "Prix"], *([f"Plat numéro {n}", f"CHF {10 + n}.50"] for n in range(8))]
        page = wait_for(visitor, address_of(send(visitor, separated(menu))))
        assert "On dirait une liste de prix" in page
        assert "en très bon ordre" not in page

    def test_keeps_page_and_files_from_caches_and_search_engines(self, visitor: Client) -> None:
        address = address_of(send(visitor, LIST))
        wait_for(visitor, address)
        for path in ("", "/workbook.xlsx", "/table.csv"):
            answer = visitor.get(address + path)
            assert answer.status_code == 200
            assert "no-store" in answer.headers["Cache-Control"]
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert not answer.cookies

    def test_shows_progress_without_scripts(self, visitor: Client, unlooked: None) -> None:
        answer = visitor.get(address_of(send(visitor, LIST)))
        assert int(answer.headers["Refresh"]) < 10
        assert 'aria-current="step"' in answer.content.decode()

    @pytest.mark.parametrize(
        ("content", "name", "says"),
        [
            (b"%PDF-1.7\n", "liste.pdf", "PDF"),
            (b"\x00\x01\x02" * 2000, "liste.csv", "n’est ni un texte"),
            (b"Nom;Ville\n", "liste.csv", "aucune ligne"),
            (b'[{"nom": "Choeur"},\n {"nom": Four}]', "l.json", "(ligne 2, caractère 10) Autre chose était attendu"),
            (b'[{"nom": "Choeur"},\n {"nom": "Four",}]', "l.json", "Il y a une virgule juste avant un crochet"),
            (b'[{"nom": "Choeur"},\n', "l.json", "Le fichier finit trop tôt"),
        ],
    )
    def test_says_why_a_file_could_not_be_looked_at(
        self, visitor: Client, content: bytes, name: str, says: str
    ) -> None:
        html = wait_for(visitor, address_of(send(visitor, content, name)))
        assert "Ce fichier n’a pas pu être examiné" in html
        assert says in html


class TestHeld:
    def token(self, visitor: Client) -> str:
        return address_of(send(visitor, LIST)).rpartition("/")[2]

    def test_privately_without_the_senders_file_name_or_the_token(self, visitor: Client, unlooked: None) -> None:
        token = address_of(send(visitor, LIST, "Vorstand Ada Exemple.csv")).rpartition("/")[2]
        found = held.find(token)
        assert found
        assert len(token) == 43
        assert found.folder.stat().st_mode & 0o777 == 0o700
        assert held.tries().stat().st_mode & 0o777 == 0o700
        assert {file.stat().st_mode & 0o777 for file in found.folder.iterdir()} == {0o600}
        names = " ".join(str(path) for path in held.tries().rglob("*"))
        assert token not in names
        assert "Exemple" not in names
        assert found.file.name == "sent.csv"

    def test_is_removed_at_once_on_request(self, visitor: Client, unlooked: None) -> None:
        token = self.token(visitor)
        answer = visitor.post(f"/try/{token}")
        assert "C’est effacé" in answer.content.decode()
        assert list(held.tries().iterdir()) == []
        assert visitor.get(f"/try/{token}").status_code == 404

    def test_is_gone_within_the_hour_at_reading(self, visitor: Client, unlooked: None) -> None:
        token = self.token(visitor)
        grow_older(token, 59 * 60)
        assert visitor.get(f"/try/{token}").status_code == 404
        assert list(held.tries().iterdir()) == []

    def test_is_gone_within_the_hour_though_nobody_comes_back(self, visitor: Client, unlooked: None) -> None:
        old, young = self.token(visitor), self.token(visitor)
        grow_older(old, 56 * 60)
        run_due(datetime.now(UTC))
        assert [each.name for each in held.tries().iterdir()] == [held.digest_of(young)]

    @pytest.mark.parametrize("token", ["x", "../../etc", "A" * 43, "A" * 42 + "=", "a/b"])
    def test_is_found_by_its_token_alone(self, visitor: Client, token: str) -> None:
        assert visitor.get(f"/try/{token}").status_code == 404
        assert visitor.get(f"/try/{token}/workbook.xlsx").status_code == 404

    def test_the_file_itself_is_dropped_once_looked_at(self, visitor: Client) -> None:
        token = self.token(visitor)
        wait_for(visitor, f"/try/{token}")
        found = held.find(token)
        assert found
        assert not found.file.exists()
        assert found.workbook.exists()


def grow_older(token: str, seconds: float) -> None:
    folder = held.tries() / held.digest_of(token)
    then = time.time() - seconds
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (then, then))


class TestHostileFiles:
    def test_take_down_only_their_own_process(
        self, visitor: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process that looks has so little memory here that it fails, and the page says so."""
        slow = folder / "sitecustomize.py"
        slow.write_text("import resource\nresource.setrlimit(resource.RLIMIT_AS, (150_000_000, 150_000_000))\n")
        monkeypatch.setenv("PYTHONPATH", str(folder))
        html = wait_for(visitor, address_of(send(visitor, separated([HEAD, *[CHOIR] * 15_000]))))
        assert "trop long pour un essai" in html
        assert visitor.get("/try").status_code == 200

    def test_that_never_end_are_given_up(self, visitor: Client, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "sitecustomize.py").write_text("import time\ntime.sleep(600)\n")
        monkeypatch.setenv("PYTHONPATH", str(folder))
        monkeypatch.setattr(working, "LONGEST_SECONDS", 1)
        html = wait_for(visitor, address_of(send(visitor, LIST)))
        assert "trop long pour un essai" in html

    def test_wait_for_a_place(self, visitor: Client, monkeypatch: pytest.MonkeyPatch, unlooked: None) -> None:
        """All places are taken by others: whoever comes later is told, and nothing is kept."""
        token = address_of(send(visitor, LIST)).rpartition("/")[2]
        monkeypatch.setattr(working, "PLACES", 1)
        monkeypatch.setattr(working, "_WAIT_SECONDS", 0)
        monkeypatch.setattr(working, "_limit", lambda: None)
        with working._place():
            working.work(held.digest_of(token))
        html = visitor.get(f"/try/{token}").content.decode()
        assert "Trop de fichiers attendaient" in html


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.7", ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/16"]),
        ("::ffff:192.0.2.7", ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/16"]),
        ("2001:db8:1:2:3:4:5:6", ["2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8::/32"]),
        ("unix", ["unix", "unix", "unix"]),
    ],
)
def test_networks_of_a_request(address: str, networks: list[str]) -> None:
    with override_settings(DATACOOP_BEHIND_PROXY=False):
        request = RequestFactory().get("/try", REMOTE_ADDR=address)
        assert [found(request) for found in (limits.network_of, limits.site_of, limits.provider_of)] == networks
