"""Writing to an association: the same whether or not an address is known, and nothing else gets in with a message."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from datacoop.directory.queries import count_waiting, list_waiting
from datacoop.portal import limits
from tests.portal.conftest import page_of

#: Two of one name's length, one with an address and one without any.
KNOWN, UNKNOWN = "Chœur de la Clairière", "Choral des Aînés Unis"
ROWS = [
    f"1;{KNOWN};Chanter.;culture/chant;association;Rue du Lac 7;1005;Lausanne;info@clairiere.example.org;;",
    f"2;{UNKNOWN};Chanter.;culture/chant;association;Rue du Lac 8;1005;Lausanne;;;",
]
LETTER = {"text": "Bonjour !", "email": "nora@example.org", "name": "Nora Exemple"}
Pages = tuple[str, str]


@pytest.fixture
def pages(visitor: Client, published: Callable[..., None]) -> Pages:
    """The pages of both, known and unknown address."""
    published(ROWS)
    return page_of(visitor, "Clairière"), page_of(visitor, "Aînés")


def _nameless(answer: HttpResponse, page: str, name: str) -> tuple[int, bytes, dict[str, str]]:
    html = answer.content.decode().replace(page, "PAGE").replace(name, "NAME")
    headers = {k: v for k, v in answer.headers.items() if k != "Content-Length"}
    return answer.status_code, html.encode(), headers


def _asked(visitor: Client, page: str, **sent: str) -> tuple[HttpResponse, list[str]]:
    with CaptureQueriesContext(connection) as queries:
        answer = visitor.post(f"{page}/write", {**LETTER, **sent})
    # What is asked, without what it is asked about.
    return answer, [re.sub(r"'[^']*'|\b\d+\b|x?'[0-9a-f]+'", "?", each["sql"]) for each in queries.captured_queries]


class TestTheSameForAll:
    def test_both_pages_have_the_same_form(self, visitor: Client, pages: Pages) -> None:
        forms = []
        for page in pages:
            html = visitor.get(page).content.decode()
            (form,) = re.findall(r'<form class="letter".*?</form>', html, re.S)
            forms.append(form.replace(page, "PAGE"))
        assert forms[0] == forms[1]

    def test_the_form_alone_is_the_same(self, visitor: Client, pages: Pages) -> None:
        answers = [
            _nameless(visitor.get(f"{page}/write"), page, name)
            for page, name in zip(pages, (KNOWN, UNKNOWN), strict=True)
        ]
        assert answers[0] == answers[1]

    @pytest.mark.parametrize("sent", [{}, {"email": "nobody"}, {"text": ""}, {"website": "spam"}, {"name": "a\nb"}])
    def test_the_reply_is_the_same_to_the_byte(self, visitor: Client, pages: Pages, sent: dict[str, str]) -> None:
        answers = [
            _nameless(visitor.post(f"{page}/write", {**LETTER, **sent}), page, name)
            for page, name in zip(pages, (KNOWN, UNKNOWN), strict=True)
        ]
        assert answers[0] == answers[1]

    def test_the_same_work_is_done(self, visitor: Client, pages: Pages) -> None:
        visitor.post(f"{pages[0]}/write", LETTER)  # what is remembered of the first answer

        (_, known), (_, unknown) = (_asked(visitor, page) for page in pages)

        assert known == unknown
        assert len(known) > 0

    def test_both_reach_the_steward(self, visitor: Client, pages: Pages) -> None:
        for page in pages:
            visitor.post(f"{page}/write", LETTER)

        waiting = list_waiting()
        assert [str(each.record_uid)[:8] for each in waiting] == [page[-8:] for page in pages]
        assert {each.text for each in waiting} == {"Bonjour !"}

    def test_nobody_gets_a_copy(self, visitor: Client, pages: Pages, mailoutbox: list[object]) -> None:
        for page in pages:
            visitor.post(f"{page}/write", LETTER)

        assert mailoutbox == []

    def test_works_without_scripts(self, visitor: Client, pages: Pages) -> None:
        (form,) = re.findall(r'<form class="letter"[^>]*>', visitor.get(pages[1]).content.decode())
        assert 'method="post"' in form
        assert f'action="{pages[1]}/write"' in form


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "nora@example.org\r\nBcc: all@example.org"),
            ("email", "nora@example.org\nSubject: x"),
            ("email", "nora@example.org,all@example.org"),
            ("email", "nora@example.org;all@example.org"),
            ("email", "Nora <nora@example.org>"),
            ("email", "nora@example.org%0aBcc:all@example.org "),
            ("email", "\u202enora@example.org"),
            ("name", "Nora\r\nBcc: all@example.org"),
            ("name", "No\x1bra"),
            ("name", "Nora \u202egro.elpmaxe"),
            ("name", "Nora\u2028Exemple"),
            ("name", "N" * 121),
            ("text", "Bonjour \x1b[2J"),
            ("text", "B" * 4001),
            ("text", " \r\n "),
        ],
    )
    def test_and_nothing_is_kept(self, visitor: Client, pages: Pages, field: str, value: str) -> None:
        answer = visitor.post(f"{pages[0]}/write", {**LETTER, field: value})

        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
        assert count_waiting() == 0

    def test_lines_of_a_message_are_kept(self, visitor: Client, pages: Pages) -> None:
        visitor.post(f"{pages[0]}/write", {**LETTER, "text": "Bonjour,\r\n\r\n\tà bientôt 🎶"})

        (waiting,) = list_waiting()
        assert waiting.text == "Bonjour,\r\n\r\n\tà bientôt 🎶"


class TestLimits:
    def _only(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setattr(f"datacoop.portal.views.letters.{name}", limits.Limit(most=1, seconds=60))

    def test_one_sender_is_slowed_down_wherever_it_writes_from(
        self, visitor: Client, pages: Pages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._only(monkeypatch, "LETTERS_FROM")
        visitor.post(f"{pages[0]}/write", LETTER, REMOTE_ADDR="192.0.2.1")

        again = visitor.post(f"{pages[1]}/write", {**LETTER, "email": "NORA@example.org"}, REMOTE_ADDR="192.0.2.2")
        other = visitor.post(f"{pages[1]}/write", {**LETTER, "email": "luc@example.org"}, REMOTE_ADDR="192.0.2.2")

        assert (again.status_code, other.status_code) == (429, 200)
        assert count_waiting() == 2

    def test_one_organisation_is_not_flooded(
        self, visitor: Client, pages: Pages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._only(monkeypatch, "LETTERS_TO")
        answers = [
            visitor.post(f"{page}/write", {**LETTER, "email": f"n{n}@example.org"}, REMOTE_ADDR=f"192.0.2.{n}")
            for n, page in enumerate([pages[0], pages[0], pages[1]])
        ]

        assert [each.status_code for each in answers] == [200, 429, 200]

    def test_one_connection_is_one_however_many_addresses_it_has(
        self, visitor: Client, pages: Pages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._only(monkeypatch, "LETTERS")
        answers = [
            visitor.post(f"{pages[0]}/write", {**LETTER, "email": f"n{n}@example.org"}, REMOTE_ADDR=f"2001:db8::{n}")
            for n in (1, 2)
        ]

        assert [each.status_code for each in answers] == [200, 429]

    @pytest.mark.parametrize("limit", ["LETTERS", "LETTERS_FROM", "LETTERS_TO"])
    def test_too_much_is_told_alike(
        self, visitor: Client, pages: Pages, monkeypatch: pytest.MonkeyPatch, limit: str
    ) -> None:
        monkeypatch.setattr(f"datacoop.portal.views.letters.{limit}", limits.Limit(most=0, seconds=60))
        answers = [
            _nameless(visitor.post(f"{page}/write", LETTER), page, name)
            for page, name in zip(pages, (KNOWN, UNKNOWN), strict=True)
        ]

        assert answers[0] == answers[1]
        assert answers[0][0] == 429
        assert int(answers[0][2]["Retry-After"]) > 0
        assert count_waiting() == 0
