"""Pages for visitors, through Django, on a real small directory."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client, RequestFactory, override_settings
from django.utils.translation import override

from datacoop.consent.actions import Wish, decide
from datacoop.directory.queries import count_waiting, list_waiting
from datacoop.disclosure.actions import settle
from datacoop.linking.actions import judge
from datacoop.portal import limits
from datacoop.portal.templatetags import portal as tags
from datacoop.portal.views.organisations import find_one
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin, id_of
from tests.portal.conftest import page_of

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = {"fr": "Thème", "de": "Thema", "it": "Tema", "en": "Theme"}


class TestPlainPages:
    @pytest.mark.parametrize("path", ["/", "/organisations", "/activities", "/about", "/data", "/sign-in"])
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_answer_in_each_language_even_when_empty(self, visitor: Client, path: str, language: str) -> None:
        answer = visitor.get(path, headers={"accept-language": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.content.decode()

    def test_visitors_get_no_cookie_and_nothing_inline(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        for path in ("/", "/organisations", page_of(visitor, "Clairière")):
            answer = visitor.get(path)
            html = answer.content.decode()
            assert not answer.cookies
            assert " style=" not in html
            assert " onclick=" not in html
            assert re.findall(r"<script(?![^>]*(src=|ld\+json))", html) == []

    def test_unknown_pages_are_404_with_a_search(self, visitor: Client) -> None:
        for path in (
            "/nowhere",
            "/o/nobody-00000000",
            "/a/nothing-00000000",
            "/o/x",
            "/sitemap-zz.xml",
            "/sitemap-01.xml",
        ):
            answer = visitor.get(path)
            assert answer.status_code == 404
            assert 'role="search"' in answer.content.decode()

    def test_machines_find_what_they_look_for(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        assert "Sitemap: " in visitor.get("/robots.txt").content.decode()
        assert "Expires: " in visitor.get("/.well-known/security.txt").content.decode()
        assert visitor.get("/healthz").content == b"ok\n"
        assert visitor.get("/readyz").content == b"ok\n"
        maps = re.findall(r"<loc>[^<]*(/sitemap-.\.xml)</loc>", visitor.get("/sitemap.xml").content.decode())
        pages = [page for each in maps for page in re.findall(r"/o/[^<]+", visitor.get(each).content.decode())]
        assert sorted(pages) == sorted(page_of(visitor, name) for name in ("Clairière", "Four", "Pré-Vert"))


class TestLanguage:
    def test_switch_keeps_the_choice_and_returns(self, visitor: Client) -> None:
        answer = visitor.post("/language", {"language": "it", "back": "/about?x=1"})
        assert (answer.status_code, answer["Location"]) == (302, "/about?x=1")
        assert '<html lang="it">' in visitor.get("/about").content.decode()

    @pytest.mark.parametrize(
        "back", ["https://elsewhere.example.org/", "//elsewhere.example.org", "", "organisations", "javascript:x"]
    )
    def test_switch_never_leads_elsewhere(self, visitor: Client, back: str) -> None:
        assert visitor.post("/language", {"language": "de", "back": back})["Location"] == "/"

    def test_switch_ignores_languages_nobody_wrote(self, visitor: Client) -> None:
        assert not visitor.post("/language", {"language": "xx", "back": "/"}).cookies


class TestLists:
    def test_finds_filters_and_counts(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        whole = visitor.get("/organisations").content.decode()
        assert "3 organisations" in whole
        assert visitor.get("/organisations", {"theme": "sport"}).content.decode().count('class="card"') == 1
        assert "Les Amis du Four" in visitor.get("/organisations", {"commune": "Renens"}).content.decode()
        assert "Rien ne correspond" in visitor.get("/organisations", {"q": "introuvable"}).content.decode()

    def test_shows_no_contact(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        html = visitor.get("/organisations").content.decode()
        assert "info@clairiere" not in html
        assert "555 12 34" not in html

    def test_walks_through_pages_by_opaque_cursor(self, visitor: Client, published: Callable[..., None]) -> None:
        published([f"{n};Club {n:03};;sport;association;;1005;Lausanne;;;" for n in range(45)])
        seen: list[str] = []
        address: str | None = "/organisations?theme=sport"
        while address:
            html = visitor.get(address).content.decode()
            seen += re.findall(r">(Club \d+)<", html)
            following = re.search(r'rel="next[^"]*" href="([^"]+)"', html)
            address = following.group(1).replace("&amp;", "&") if following else None
        assert seen == [f"Club {n:03}" for n in range(45)]

    def test_understands_nonsense_as_nothing_asked(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        answer = visitor.get("/organisations", {"cursor": "xyz", "bbox": "1,2", "theme": "", "page": "7"})
        assert "3 organisations" in answer.content.decode()

    @pytest.mark.parametrize("odd", ["²", "٣", "9" * 100, "\x00", "=", "%"])
    def test_odd_places_are_no_place(self, visitor: Client, published: Callable[..., None], odd: str) -> None:
        published()
        assert visitor.get("/organisations", {"commune": odd}).status_code == 200
        assert visitor.get("/activities", {"commune": odd, "theme": odd, "q": odd}).status_code == 200

    def test_box_of_the_map_narrows_the_list(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        assert "0 organisation<" in visitor.get("/organisations?bbox=8,47,8.1,47.1").content.decode()


class TestOrganisation:
    def test_shows_what_it_is_and_where_that_comes_from(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        html = visitor.get(page_of(visitor, "Clairière")).content.decode()
        for expected in (
            "Chœur de la Clairière",
            "Rue du Lac 7",
            "Selon Registre d’essai, pas encore confirmé",
            "https://liste.example.org",
            "Chant et chœurs",
        ):
            assert expected in html

    def test_escapes_what_lists_contain(self, visitor: Client, published: Callable[..., None]) -> None:
        published(["1;</script><script>alert(1)</script>;<b>x</b>;sport;association;;1005;Lausanne;;;"])
        for path in ("/organisations", page_of(visitor, "alert")):
            html = visitor.get(path).content.decode()
            assert "<script>alert" not in html
            assert "<b>x</b>" not in html

    def test_json_ld_says_the_same_as_the_page(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        html = visitor.get(page_of(visitor, "Clairière")).content.decode()
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
        described = json.loads(text)
        assert described["@context"] == "https://schema.org"
        assert described["name"] == "Chœur de la Clairière"

    @pytest.mark.parametrize(
        ("language", "whole_says", "part_says"),
        [
            ("fr", "Sections et groupes", "Fait partie de :"),
            ("de", "Sektionen und Gruppen", "Gehört zu:"),
            ("it", "Sezioni e gruppi", "Fa parte di:"),
            ("en", "Sections and groups", "Part of:"),
        ],
    )
    def test_an_umbrella_and_its_section_lead_to_each_other_where_both_are_shown(
        self, visitor: Client, published: Callable[..., None], language: str, whole_says: str, part_says: str
    ) -> None:
        published()
        whole, section = page_of(visitor, "Clairière"), page_of(visitor, "Four")
        uids = [
            UUID(str((find_one("organisation", each.removeprefix("/o/")) or {})["id"])) for each in (whole, section)
        ]
        now = datetime.now(UTC)
        judge(first=uids[0], second=uids[1], verdict="part_of", actor="steward:1", now=now, part=uids[1])

        def told(page: str) -> str:
            return visitor.get(page, headers={"accept-language": language}).content.decode()

        assert whole_says in told(whole)
        assert f'href="{section}"' in told(whole)
        assert part_says in told(section)
        assert f'href="{whole}"' in told(section)
        assert '"parentOrganization"' in told(section)
        decide(uid=uids[0], wish=Wish(audience="public", shows=False), actor="steward:1", reason="asked", now=now)
        assert part_says not in told(section)
        assert str(uids[0]) not in told(section)

    def test_any_name_before_the_id_leads_to_the_page(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        right = page_of(visitor, "Clairière")
        for wrong in (f"/o/old-name-{right[-8:]}", f"/o/{right[-8:]}"):
            answer = visitor.get(wrong)
            assert (answer.status_code, answer["Location"]) == (301, right)

    def test_an_unpublished_list_has_no_page(self, visitor: Client, published: Callable[..., None]) -> None:
        published(published=False)
        assert "0 organisation<" in visitor.get("/organisations").content.decode()


class TestWriting:
    def letter(self, **other: str) -> dict[str, str]:
        return {"text": "Bonjour !", "email": "nora@example.org", "name": "Nora Exemple", **other}

    @pytest.fixture(autouse=True)
    def _fresh_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.portal.views.letters.LETTERS", limits.Limit(most=10, seconds=60))

    def test_every_page_has_the_form_and_the_message_waits(
        self, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        page = page_of(visitor, "Pré-Vert")  # no e-mail, no phone, no website
        assert f'action="{page}/write"' in visitor.get(page).content.decode()
        answer = visitor.post(f"{page}/write", self.letter())
        assert answer.status_code == 200
        (waiting,) = list_waiting()
        assert (waiting.text, str(waiting.record_uid)[:8]) == ("Bonjour !", page[-8:])

    def test_the_reply_is_the_same_with_and_without_an_address(
        self, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        replies = []
        for name in ("Clairière", "Pré-Vert"):
            page = page_of(visitor, name)
            html = visitor.post(f"{page}/write", self.letter()).content.decode()
            shown = {"Clairière": "Chœur de la Clairière", "Pré-Vert": "FC Pré-Vert"}[name]
            replies.append(html.replace(page, "PAGE").replace(shown, "NAME"))
        assert replies[0] == replies[1]

    def test_says_what_is_missing_and_keeps_what_was_written(
        self, visitor: Client, published: Callable[..., None]
    ) -> None:
        published()
        answer = visitor.post(f"{page_of(visitor, 'Four')}/write", self.letter(email="nobody"))
        assert answer.status_code == 422
        assert "Bonjour !" in answer.content.decode()
        assert count_waiting() == 0

    def test_robots_are_thanked_and_forgotten(self, visitor: Client, published: Callable[..., None]) -> None:
        published()
        assert visitor.post(f"{page_of(visitor, 'Four')}/write", self.letter(website="spam")).status_code == 200
        assert count_waiting() == 0

    def test_too_many_are_refused_before_anything_is_looked_up(
        self, visitor: Client, published: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        published()
        monkeypatch.setattr("datacoop.portal.views.letters.LETTERS", limits.Limit(most=1, seconds=60))
        page = page_of(visitor, "Four")
        assert visitor.post(f"{page}/write", self.letter()).status_code == 200
        known = visitor.post(f"{page}/write", self.letter())
        unknown = visitor.post("/o/nobody-00000000/write", self.letter())
        assert (known.status_code, unknown.status_code) == (429, 429)


def test_a_limit_forgets_what_is_long_ago() -> None:
    limit = limits.Limit(most=2, seconds=10)
    assert [limit.allows("a", now) for now in (0.0, 1.0, 2.0, 12.0)] == [True, True, False, True]
    assert limit.allows("b", 2.0)


@pytest.mark.parametrize(("behind", "counted"), [(True, "198.51.100.7"), (False, "192.0.2.1")])
def test_behind_a_proxy_the_address_it_saw_counts(behind: bool, counted: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="203.0.113.5, 198.51.100.7")
    with override_settings(DATACOOP_BEHIND_PROXY=behind):
        assert limits.connection_of(request) == counted


def test_ids_of_messages_are_whole_uids(visitor: Client, published: Callable[..., None]) -> None:
    published()
    visitor.post(f"{page_of(visitor, 'Four')}/write", {"text": "x", "email": "a@example.org"})
    assert all(isinstance(each.record_uid, UUID) for each in list_waiting())


class TestWritingToUs:
    @pytest.fixture(autouse=True)
    def _fresh_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.portal.views.letters.LETTERS", limits.Limit(most=10, seconds=60))

    def test_without_an_address_the_form_takes_every_message(self, visitor: Client) -> None:
        assert 'href="/write"' in visitor.get("/about").content.decode()
        assert 'action="/write"' in visitor.get("/write").content.decode()
        assert visitor.post("/write", {"text": "Bonjour !", "email": "nobody"}).status_code == 422
        assert visitor.post("/write", {"text": "Bonjour !", "email": "nora@example.org"}).status_code == 200
        (waiting,) = list_waiting()
        assert (waiting.text, waiting.record_uid) == ("Bonjour !", None)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ("contact@example.org", "mailto:contact@example.org"),
            ("https://coop.example.org/contact", "https://coop.example.org/contact"),
            (None, "/write"),
        ],
    )
    def test_the_address_of_the_house_is_told_everywhere(self, visitor: Client, given: str | None, told: str) -> None:
        with override_settings(DATACOOP_CONTACT=given):
            assert f'href="{told}"' in visitor.get("/about").content.decode()
            assert f"{told}\n" in visitor.get("/.well-known/security.txt").content.decode()


@pytest.mark.parametrize("said_yes", [True, False])
def test_people_are_named_where_they_said_yes(visitor: Client, published: Callable[..., None], said_yes: bool) -> None:
    published()
    page, now = page_of(visitor, "Clairière"), datetime.now(UTC)
    organisation = str((find_one("organisation", page.removeprefix("/o/")) or {})["id"])
    with revision(actor="steward:1", now=now, why="test") as draft:
        role = create_record(draft, kind="role")
        said = [
            Said("organisation", organisation, refers=id_of(UUID(organisation))),
            Said("role", "president"),
            Said("display_name", "A. Exemplaire"),
        ]
        state(draft, record_id=role.id, said=said, origin=Origin.STEWARD)
    if said_yes:
        decide(uid=role.uid, wish=Wish("public", shows=True), actor="steward:1", reason="asked", now=now)
    settle(now)
    html = visitor.get(page).content.decode()
    assert ("A. Exemplaire" in html) is said_yes
    assert ("Présidence" in html) is said_yes


@pytest.mark.parametrize(
    ("language", "leaf", "whole"),
    [
        ("fr", ("lun", "nov"), "lundi 23 novembre 2026"),
        ("de", ("Mo", "Nov"), "Montag, 23. November 2026"),
        ("it", ("lun", "nov"), "lunedì 23 novembre 2026"),
        ("en", ("Mon", "Nov"), "Monday 23 November 2026"),
    ],
)
def test_days_and_months_are_written_as_each_language_writes_them(
    language: str, leaf: tuple[str, str], whole: str
) -> None:
    with override(language):
        moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
        assert (tags.weekday(moment)[:3], tags.month(moment)[:3]) == leaf
        assert tags.day(moment) == whole


def test_activities_can_be_taken_as_a_calendar_and_a_feed(visitor: Client) -> None:
    html = visitor.get("/data").content.decode()
    assert 'href="/api/v1/exports/activities.ics">iCalendar<' in html
    assert 'href="/api/v1/exports/activities.atom">Atom<' in html


def test_imported_texts_say_themselves_which_way_they_run(visitor: Client, published: Callable[..., None]) -> None:
    published()
    assert '<h1 dir="auto">' in visitor.get(page_of(visitor, "Clairière")).content.decode()
