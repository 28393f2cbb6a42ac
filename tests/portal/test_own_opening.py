"""Coming to one's own page by a link or a code: it opens again, tells strangers nothing and leaves no trace in logs."""

from __future__ import annotations

import logging
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from datacoop.config.logs import Discreet
from datacoop.portal.limits import Limit
from datacoop.rights.links import LETTER, code_for, end_links, token_of
from datacoop.rights.models.links import Link
from tests.portal.naming import link_to, page
from tests.rights.people import Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
VIEWS = "datacoop.portal.views.own.entering"


@pytest.fixture
def village() -> Village:
    return settle()


def expire(link: int) -> int:
    long_ago = datetime.now(UTC) - timedelta(days=400)
    Link.objects.filter(pk=link).update(made_at=long_ago, expires_at=long_ago + timedelta(days=1))
    return link


def ended(link: int) -> int:
    end_links(now=datetime.now(UTC), subject_uid=Link.objects.get(pk=link).subject_uid)
    return link


class TestLinks:
    def test_a_link_opens_its_subjects_page_and_does_so_again(self, village: Village, visitor: Client) -> None:
        token = token_of(link_to(village.person))

        for _ in range(2):
            answer = visitor.get(f"/n/{token}")
            assert (answer.status_code, answer["Location"]) == (302, page(village.person))
        assert visitor.get(page(village.person)).status_code == 200

    def test_unknown_expired_and_ended_links_get_one_page(self, village: Village) -> None:
        tokens = [
            "x" * 43,
            token_of(expire(link_to(village.person))),
            token_of(ended(link_to(village.choir))),
            "y" * 5000,
        ]

        pages = [Client().get(f"/n/{token}") for token in tokens]

        assert {each.status_code for each in pages} == {403}
        assert len({each.content for each in pages}) == 1

    @pytest.mark.parametrize("address", ["/n/" + "x" * 43, "/still/" + "x" * 43 + "/correct"])
    def test_a_link_that_opens_nothing_says_what_to_do(self, village: Village, address: str) -> None:
        html = Client(headers={"accept-language": "fr"}).get(address).content.decode()
        assert "Il a expiré, un plus récent l&#x27;a remplacé, ou il y manque un signe." in html
        assert 'href="/code"' in html
        assert "Demander un nouveau lien" in html
        assert "+41 21 555 00 00" in html
        assert "x" * 43 not in html

    def test_an_ended_link_lets_nobody_stay(self, village: Village, visitor: Client) -> None:
        link = link_to(village.person)
        visitor.get(f"/n/{token_of(link)}")

        ended(link)

        assert visitor.get(page(village.person)).status_code == 403

    def test_a_strangers_page_is_the_same_for_unknown_and_for_others(self, village: Village, visitor: Client) -> None:
        visitor.get(f"/n/{token_of(link_to(village.person))}")
        nobody = uuid.uuid4()

        for rest in ("", "fields", "names", "objections", "prove", "received", "answer", "done/7"):
            answers = [visitor.get(page(uid, rest)) for uid in (nobody, village.choir)]
            bodies = [
                each.content.replace(str(uid).encode(), b"UID")
                for each, uid in zip(answers, (nobody, village.choir), strict=True)
            ]
            assert {each.status_code for each in answers} == {403}
            assert bodies[0] == bodies[1]

    def test_too_many_links_of_one_network_are_refused_alike(
        self, village: Village, visitor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(f"{VIEWS}.LINKS", Limit(most=1, seconds=60))
        visitor.get("/n/nothing")

        known, unknown = visitor.get(f"/n/{token_of(link_to(village.person))}"), visitor.get("/n/nothing")

        assert (known.status_code, unknown.status_code) == (429, 429)
        assert known.content == unknown.content

    def test_a_token_stays_out_of_the_log(self, village: Village) -> None:
        token = token_of(link_to(village.person))
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, f"Forbidden: /n/{token}", (), None)

        assert token not in Discreet("{message}", style="{").format(record)


LIMITS = ["CODES", "CODES_OF_SITES", "CODES_OF_PROVIDERS", "CODES_OF_ALL"]


class TestCodes:
    def test_a_code_opens_however_it_is_typed(self, village: Village, visitor: Client) -> None:
        code = code_for(link_to(village.person, channel=LETTER))

        answer = visitor.post("/code", {"code": f" {code.lower().replace('-', ' ')} "})

        assert (answer.status_code, answer["Location"]) == (302, page(village.person))

    def test_a_slip_is_told_without_telling_what_there_is(self, village: Village, visitor: Client) -> None:
        known = code_for(link_to(village.person, channel=LETTER))
        slips = [known[:-1] + ("2" if known[-1] != "2" else "3"), "0000-0000-001", "ABCD"]

        answers = [visitor.post("/code", {"code": each}) for each in slips]

        assert {each.status_code for each in answers} == {422}
        assert all("faute de frappe" in each.content.decode() for each in answers)

    def test_an_unknown_code_gets_the_page_of_an_unknown_link(self, village: Village) -> None:
        expired = code_for(expire(link_to(village.person, channel=LETTER)))

        pages = [Client().post("/code", {"code": each}).content for each in ("0000-0000-000", expired)]

        assert {*pages, Client().get("/n/nothing").content} == {pages[0]}

    @pytest.mark.parametrize("limit", LIMITS)
    def test_guessing_ends(
        self, village: Village, visitor: Client, monkeypatch: pytest.MonkeyPatch, limit: str
    ) -> None:
        monkeypatch.setattr(f"{VIEWS}.{limit}", Limit(most=1, seconds=60))
        visitor.post("/code", {"code": "0000-0000-000"})

        known = visitor.post("/code", {"code": code_for(link_to(village.person, channel=LETTER))})

        assert known.status_code == 429
        assert known["Retry-After"]

    def test_slips_and_codes_that_open_shut_nobody_out(self, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in LIMITS:
            monkeypatch.setattr(f"{VIEWS}.{name}", Limit(most=2, seconds=60))
        code = code_for(link_to(village.person, channel=LETTER))

        slips = [Client().post("/code", {"code": "0000-0000-001"}).status_code for _ in range(5)]
        opened = [Client().post("/code", {"code": code}).status_code for _ in range(5)]

        assert (set(slips), set(opened)) == ({422}, {302})

    def test_guessers_are_slowed_down_and_told_when_to_try_again(
        self, village: Village, visitor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(f"{VIEWS}.CODES", Limit(most=2, seconds=3600, pause=10))
        now = [1_900_000_000.0]
        monkeypatch.setattr("datacoop.portal.limits.time.time", lambda: now[0])
        waits = []
        for _ in range(6):
            answer = visitor.post("/code", {"code": "0000-0000-000"})
            if answer.status_code == 429:
                waits.append(int(answer["Retry-After"]))
                assert "Attendez une minute" in answer.content.decode()
                assert 'href="/code"' in answer.content.decode()
                now[0] += waits[-1]

        assert waits == [10, 20]

    def test_a_form_on_another_site_only_fills_the_code_in(self, village: Village) -> None:
        visitor = Client(enforce_csrf_checks=True, headers={"accept-language": "fr"})
        code = code_for(link_to(village.person, channel=LETTER))

        answer = visitor.post("/code", {"code": code}, headers={"origin": "https://ville.example.org"})

        assert answer.status_code == 200
        assert f'value="{code}"' in answer.content.decode()
        assert visitor.get(page(village.person)).status_code == 403
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())
        assert token
        visitor.post("/code", {"code": code, "csrfmiddlewaretoken": token.group(1)})
        assert visitor.get(page(village.person)).status_code == 200
