"""What docs/embedding.md tells web teams to copy works as it stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern

from datacoop.charter.controller import controller
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.errors import Due
from datacoop.portal import catalogue, limits
from datacoop.portal.urls import urlpatterns
from datacoop.portal.views.desk.notifying import snippet_of
from datacoop.portal.views.organisations import find_one
from tests.portal.conftest import page_of
from tests.portal.sitting import text_of

DOCUMENT = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```html\n(.*?)```", DOCUMENT, re.DOTALL)
HOST = "https://directory.example.org"
EXAMPLE = "choeur-de-la-clairiere-1a2b3c4d"


def addresses(attribute: str) -> list[str]:
    """Every address of ours in an attribute of a snippet."""
    found = re.findall(rf'{attribute}="({re.escape(HOST)}[^"]*)"', "\n".join(SNIPPETS))
    return [unescape(each).removeprefix(HOST) for each in found]


@pytest.fixture
def slug(published: Callable[..., None], visitor: Client) -> str:
    published()
    return page_of(visitor, "Clairière").removeprefix("/o/")


class TestTheDocument:
    def test_names_every_page_that_may_be_framed(self) -> None:
        framed = {
            f"/{each.pattern}"
            for each in urlpatterns
            if isinstance(each, URLPattern) and getattr(each.callback, "xframe_options_exempt", False)
        }
        routes = {f"/{each.pattern}" for each in urlpatterns if str(each.pattern).startswith("embed/")}
        assert routes
        assert {each.partition("?")[0] for each in addresses("src")} == routes | framed

    def test_frames_open_in_the_language_they_ask_for_and_may_be_framed(self, slug: str, visitor: Client) -> None:
        for address in addresses("src"):
            for language in catalogue.LANGUAGES:
                answer = visitor.get(address.replace(EXAMPLE, slug).replace("lang=fr", f"lang={language}"))
                assert answer.status_code == 200, address
                assert "frame-ancestors *" in answer["Content-Security-Policy"]
                assert f'<html lang="{language}">' in text_of(answer)
                said = "activities.all" if "/agenda" in address else "correcting.send"
                assert catalogue.say(language, said) in text_of(answer)
                assert not answer.cookies

    def test_what_is_sent_in_a_frame_stays_in_it_and_in_its_language(self, slug: str, visitor: Client) -> None:
        for address in (each for each in addresses("src") if "/agenda" not in each):
            wanted = address.replace(EXAMPLE, slug).replace("lang=fr", "lang=de")
            (action,) = re.findall(r'<form class="letter" method="post" action="([^"]+)"', text_of(visitor.get(wanted)))
            answer = visitor.post(unescape(action), {"kind": "error", "text": "falsch", "name": "Neuer Verein"})
            assert answer.status_code == 200
            assert '<html lang="de">' in text_of(answer)
            assert "<header" not in text_of(answer)

    @pytest.mark.parametrize("language", catalogue.LANGUAGES)
    def test_a_frame_of_what_is_hidden_is_that_of_what_there_is_not(
        self, slug: str, visitor: Client, language: str
    ) -> None:
        """Law 2: status, bytes and headers; small, and in the language of the frame."""
        found = find_one("organisation", slug)
        assert found is not None
        decide(uid=UUID(found["id"]), wish=Wish("public", False), actor="account:1", reason="", now=datetime.now(UTC))

        def framed(org: str, **sent: str) -> tuple[int, str, dict[str, str]]:
            address = f"/embed/report?org={org}&lang={language}"
            answer = visitor.post(address, sent) if sent else visitor.get(address)
            return answer.status_code, text_of(answer), dict(answer.headers)

        unknown = framed("no-such-1a2b3c4d")
        assert [framed(org) for org in (slug, found["id"], str(UUID(int=5)), "")] == [unknown] * 4
        assert framed(slug, text="x", kind="error") == framed("no-such-1a2b3c4d", text="x", kind="error")
        status, html, headers = unknown
        assert status == 404
        assert f'<html lang="{language}">' in html
        assert catalogue.say(language, "correcting.not_here_what") in unescape(html)
        assert not re.findall(r"<(?:header|footer|nav|form|a)\b", html)
        assert "frame-ancestors *" in headers["Content-Security-Policy"]

    @pytest.mark.parametrize("language", catalogue.LANGUAGES)
    def test_a_frame_while_something_is_due_fits_it(
        self, slug: str, visitor: Client, language: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stays_due(*_asked: object) -> None:
            raise Due

        monkeypatch.setattr("datacoop.portal.views.correcting.reporting.REPORTS", limits.Limit(most=10, seconds=60))
        monkeypatch.setattr("datacoop.portal.gate.ask", stays_due)
        monkeypatch.setattr("datacoop.portal.views.correcting.reporting.find_one", stays_due)
        report, add = f"/embed/report?org={slug}&lang={language}", f"/embed/add?lang={language}"
        answers = [
            visitor.get(report),
            visitor.post(report, {"text": "x", "kind": "error"}),
            visitor.post(add, {"name": "Neuer Verein"}),
        ]
        for answer in answers:
            assert (answer.status_code, answer["Retry-After"]) == (503, "2")
            html = unescape(text_of(answer))
            assert f'<html lang="{language}">' in html
            assert catalogue.say(language, "errors.busy") in html
            assert not re.findall(r"<(?:header|footer|nav|form|a)\b", html)
            assert "frame-ancestors *" in answer["Content-Security-Policy"]
        whole = visitor.get(f"/o/{slug}/report")
        assert (whole.status_code, "<header" in text_of(whole)) == (503, True)

    def test_form_of_a_letter_leads_to_where_its_code_is_typed(self, visitor: Client) -> None:
        (action,) = addresses("action")
        fields = re.findall(r'<input name="(\w+)"', "\n".join(SNIPPETS))
        answer = Client(enforce_csrf_checks=True).post(action, dict.fromkeys(fields, "ABCD-EFGH-JKM"))
        assert answer.status_code == 200
        assert 'value="ABCD-EFGH-JKM"' in answer.content.decode()

    def test_links_lead_somewhere(self, slug: str, visitor: Client) -> None:
        sorts = {each: visitor.get(each)["Content-Type"].partition(";")[0] for each in addresses("href")}
        assert len(sorts) == 3
        assert {"text/calendar", "application/atom+xml", "text/html"} == set(sorts.values())

    def test_desk_shows_the_same_form(self) -> None:
        shown = snippet_of("Commune d'Exemple").replace("http://127.0.0.1:8000", HOST)

        assert shown.replace(controller().name, "CONTROLLER") in {each.rstrip("\n") for each in SNIPPETS}


def test_the_page_about_data_shows_frames_that_open(slug: str, visitor: Client) -> None:
    html = unescape(text_of(visitor.get("/data")))
    found = [each.partition("/embed/")[2] for each in re.findall(r'<iframe src="([^"]+)"', html)]
    assert [each.partition("?")[0] for each in found] == ["agenda", "add", "report"]
    assert all(visitor.get(f"/embed/{each.replace('…', slug)}").status_code == 200 for each in found)
