"""A message goes on to the association's address, whoever may see that; the writer cannot tell whether there is one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from datacoop.consent.actions import Wish, decide
from datacoop.consent.restricting import restrict
from datacoop.directory.queries import count_waiting, list_waiting
from datacoop.directory.rules import HELD_FOR
from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.portal.views.organisations import find_one
from tests.portal.conftest import page_of
from tests.portal.test_letters import KNOWN, LETTER, ROWS

ADDRESS = "info@clairiere.example.org"


@pytest.fixture
def pages(visitor: Client, published: Callable[..., None]) -> tuple[str, str]:
    """The pages of both, known and unknown address."""
    published(ROWS)
    return page_of(visitor, "Clairière"), page_of(visitor, "Aînés")


def later(after: timedelta = HELD_FOR) -> None:
    run_due(datetime.now(UTC) + after + timedelta(seconds=1))


def uid_of(page: str) -> str:
    return str((find_one("organisation", page.removeprefix("/o/")) or {})["id"])


def test_goes_on_after_a_quarter_of_an_hour_and_is_erased(
    visitor: Client, pages: tuple[str, str], mailoutbox: list[EmailMessage]
) -> None:
    visitor.post(f"{pages[0]}/write", LETTER)
    later(HELD_FOR - timedelta(minutes=1))
    assert mailoutbox == []

    later()

    (sent,) = mailoutbox
    assert sent.to == [ADDRESS]
    assert sent.reply_to == ["nora@example.org"]
    assert "Bonjour !" in str(sent.body)
    assert "Nora Exemple <nora@example.org>" in str(sent.body)
    assert count_waiting() == 0


def test_stays_with_the_stewards_without_an_address(
    visitor: Client, pages: tuple[str, str], mailoutbox: list[EmailMessage]
) -> None:
    visitor.post(f"{pages[1]}/write", LETTER)
    later()

    assert mailoutbox == []
    assert [each.text for each in list_waiting()] == ["Bonjour !"]


def test_reaches_an_address_that_nobody_sees(
    visitor: Client, pages: tuple[str, str], mailoutbox: list[EmailMessage]
) -> None:
    decide(uid=UUID(uid_of(pages[0])), wish=Wish("public", False, "email"), actor="subject", reason="",
           now=datetime.now(UTC))  # fmt: skip
    assert ADDRESS not in visitor.get(pages[0]).content.decode()

    visitor.post(f"{pages[0]}/write", LETTER)
    later()

    assert [sent.to for sent in mailoutbox] == [[ADDRESS]]
    assert ADDRESS not in str(mailoutbox[0].body)


def test_goes_nowhere_once_a_steward_refused_it(
    visitor: Client, steward: Client, pages: tuple[str, str], mailoutbox: list[EmailMessage]
) -> None:
    visitor.post(f"{pages[0]}/write", LETTER)
    steward.post("/steward/messages", {"number": str(list_waiting()[0].number), "state": "refused"})
    later()

    assert mailoutbox == []


def test_goes_nowhere_once_everything_is_restricted(
    visitor: Client, pages: tuple[str, str], mailoutbox: list[EmailMessage]
) -> None:
    uid = UUID(uid_of(pages[0]))
    visitor.post(f"{pages[0]}/write", LETTER)
    restrict(uid=uid, ground="restriction", actor="subject", now=datetime.now(UTC))
    later()

    assert mailoutbox == []
    assert count_waiting() == 1


def test_lies_in_no_queue(visitor: Client, pages: tuple[str, str]) -> None:
    for page in pages:
        visitor.post(f"{page}/write", LETTER)

    waiting = Job.objects.filter(name="directory.relay")
    assert waiting.count() == 2
    said = repr(list(waiting.values_list("payload", flat=True)))
    assert "nora" not in said.lower()
    assert KNOWN not in said


@pytest.mark.parametrize("language", ["fr", "de", "it", "en"])
def test_is_written_in_the_language_of_the_page(
    pages: tuple[str, str], mailoutbox: list[EmailMessage], language: str
) -> None:
    Client(headers={"accept-language": language}).post(f"{pages[0]}/write", LETTER)
    later()

    assert mailoutbox[0].extra_headers["Content-Language"] == language
    assert "/write" in str(mailoutbox[0].body)
