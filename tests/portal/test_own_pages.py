"""One's own pages: masked without a proof, changed by no look, answered in one step, in four languages."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoop.accounts.actions import end_mandates
from datacoop.accounts.models import Account
from datacoop.accounts.rules import DECIDE, EDIT, SELF
from datacoop.consent.actions import Wish, decide
from datacoop.consent.queries import get_audience, last_word, unindexed
from datacoop.disclosure.compile.packing import key_of
from datacoop.disclosure.models import Delivery, Tombstone
from datacoop.disclosure.own.telling import own_records
from datacoop.portal.catalogue import LANGUAGES
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, release, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin, id_of
from datacoop.rights.links import LETTER, code_for
from datacoop.rights.models.notices import Notice
from tests.database import cleaning
from tests.portal.naming import by_letter, choose, holder_of, link_to, noticed, opened, page, representing
from tests.rights.people import EMAIL, NAME, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = ("", "?as=cooperators", "fields", "names", "objections", "prove", "received", "answer", "done/7")


@pytest.fixture
def village() -> Village:
    return settle()


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the sessions, where a browser's own state lies."""
    return {
        model._meta.db_table: sorted(map(repr, model._default_manager.values_list()))  # type: ignore[misc]
        for model in apps.get_models()
        if model._meta.app_label != "sessions"
    }


def public_sees(uid: uuid.UUID, name: str, subject: uuid.UUID) -> bool:
    """Whether everybody sees a property of one of a subject's records."""
    (found,) = [r for r in own_records(subject, now=datetime.now(UTC), proven=True) if r.uid == uid]
    return name in found.sees("public")


class TestLooking:
    def test_a_link_shows_no_value_in_full(self, village: Village) -> None:
        client = opened(village.person, notice=noticed(village).pk)

        for rest in EVERY:
            html = client.get(page(village.person, rest)).content.decode()
            assert not [each for each in (NAME, EMAIL, "1950-01-02") if each in html], rest

    def test_a_link_says_who_says_what(self, village: Village) -> None:
        html = opened(village.person, notice=noticed(village).pk).get(page(village.person)).content.decode()

        assert "Ville de Clairière" in html
        assert "Nom complet" in html
        # a function would tell a stranger, and what another list says is none of this notice's business
        assert "Trésorerie" not in html
        assert "Fédération des clubs" not in html
        assert "Secrétariat" not in html

    def test_a_letters_code_shows_everything_in_full(self, village: Village) -> None:
        html = by_letter(village.person).get(page(village.person)).content.decode()

        assert NAME in html
        assert EMAIL in html
        assert "Fédération des clubs" in html

    def test_looking_changes_nothing(self, village: Village) -> None:
        clients = [opened(village.person, notice=noticed(village).pk), by_letter(village.person)]
        before = everything()

        for client in clients:
            for rest in EVERY:
                assert client.get(page(village.person, rest)).status_code in {200, 302, 403, 404}
                assert client.head(page(village.person, rest)).status_code in {200, 302, 403, 404}
            assert client.get(page(village.person, "index")).status_code == 405

        assert everything() == before

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_page_speaks_every_language(self, village: Village, language: str) -> None:
        client = opened(village.person, language=language)

        for rest in EVERY:
            answer = client.get(page(village.person, rest))
            assert answer.status_code == {"answer": 302, "received": 403, "names": 403, "done/7": 404}.get(rest, 200)
            if answer.status_code == 200:
                assert f'<html lang="{language}">' in answer.content.decode()
                assert '<meta name="robots" content="noindex">' in answer.content.decode()

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        words=st.lists(
            st.tuples(
                st.sampled_from(["", "name", "email", "birth_date"]),
                st.sampled_from(["public", "cooperators", "terms:public-bodies", "agreement:city"]),
                st.booleans(),
            ),
            max_size=4,
        ),
        is_released=st.booleans(),
    )
    def test_in_no_world_does_a_link_show_what_the_public_does_not_see(
        self, words: list[tuple[str, str, bool]], is_released: bool
    ) -> None:
        cleaning.restore()
        village = settle()
        now = datetime.now(UTC)
        if is_released:
            with revision(actor="steward:1", now=now, why="test") as draft:
                release(draft, record_id=id_of(village.person))
        for name, audience, shows in words:
            decide(uid=village.person, wish=Wish(audience, shows, name or None), actor="steward:1", reason="-", now=now)
        client = opened(village.person, notice=noticed(village).pk)
        seen = own_records(village.person, now=now, proven=True)
        secrets = {
            str(value.value)
            for record in seen
            for value in record.values
            if value.property in {"name", "email", "birth_date"} and value.property not in record.sees("public")
        }
        for rest in ("", "?as=agreement:city", "fields", "done/7", "prove"):
            html = client.get(page(village.person, rest)).content.decode()
            assert not [each for each in secrets if each in html], (rest, words)


class TestAnswering:
    def test_nothing_is_one_press_with_a_link(self, village: Village) -> None:
        choose(by_letter(village.person), village.person, "proposed")
        client = opened(village.person)

        answer = choose(client, village.person, "nothing")

        assert answer["Location"].startswith(page(village.person, "done/"))
        assert not public_sees(village.in_choir, "role", village.person)
        html = client.get(answer["Location"]).content.decode()
        number = answer["Location"].rpartition("/")[2]
        assert page(village.person, f"receipts/{number}") in html
        assert 'value="proposed"' in html

    def test_withdrawing_takes_no_more_steps_than_giving(self, village: Village) -> None:
        client = by_letter(village.person)

        steps = {}
        for choice in ("proposed", "nothing"):
            answer = choose(client, village.person, choice)
            steps[choice] = 1
            while "/done/" not in answer["Location"]:
                answer = client.get(answer["Location"])
                steps[choice] += 1

        assert steps["nothing"] <= steps["proposed"] == 1

    def test_showing_more_waits_for_a_proof_and_for_a_button_after_it(self, village: Village) -> None:
        client = opened(village.person, notice=noticed(village).pk)
        answer = choose(client, village.person, "proposed")
        assert answer["Location"] == page(village.person, "prove") + "?next=" + page(village.person, "answer")

        code = code_for(link_to(village.person, channel=LETTER))
        proved = client.post(
            page(village.person, "prove"), {"step": "letter", "code": code, "next": page(village.person, "answer")}
        )
        assert proved["Location"] == page(village.person, "answer")
        html = client.get(proved["Location"]).content.decode()

        assert "deviendront visibles" in html
        assert not public_sees(village.in_choir, "role", village.person)
        seen = html.split('name="seen" value="')[1].split('"')[0]
        client.post(page(village.person, "answer"), {"what": "choice", "choice": "proposed", "seen": seen})
        assert public_sees(village.in_choir, "role", village.person)
        assert client.get(page(village.person, "answer")).status_code == 302

    def test_whoever_is_overtaken_looks_again(self, village: Village) -> None:
        first, second = by_letter(village.person), by_letter(village.person)
        choose(first, village.person, "nothing", seen=0)

        answer = choose(second, village.person, "proposed", seen=0)

        assert answer.status_code == 409
        assert not public_sees(village.in_choir, "role", village.person)
        assert choose(second, village.person, "proposed").status_code == 302

    def test_an_answer_stops_the_clock_of_its_own_notice_alone(self, village: Village) -> None:
        notice, other = noticed(village), noticed(village, 1)

        choose(opened(village.person, notice=notice.pk), village.person, "nothing")

        notice.refresh_from_db()
        other.refresh_from_db()
        assert (notice.state, other.state) == (Notice.ANSWERED, Notice.DELIVERED)
        assert notice.answered_at is not None

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"what": "choice", "choice": "everything"},
            {"what": "names", "level": "loud"},
            {"what": "reader", "reader": "agreement:nobody"},
            {"what": "reader", "reader": "public"},
            {"what": "purpose", "purpose": "war"},
            {"what": "holder", "holder": "x"},
            {"what": "holder", "holder": str(uuid.uuid4())},
        ],
    )
    def test_what_there_is_not_changes_nothing(self, village: Village, form: dict[str, str]) -> None:
        client = by_letter(village.person)
        before = last_word([id_of(village.person), id_of(village.in_choir)])

        assert client.post(page(village.person, "answer"), form).status_code == 422
        assert last_word([id_of(village.person), id_of(village.in_choir)]) == before

    def test_a_form_from_elsewhere_is_refused(self, village: Village) -> None:
        client = Client(enforce_csrf_checks=True)
        client.cookies = opened(village.person).cookies

        assert client.post(page(village.person, "answer"), {"what": "choice", "choice": "nothing"}).status_code == 403


class TestDetails:
    def test_one_property_for_some_readers_until_a_day(self, village: Village) -> None:
        client, person = by_letter(village.person), id_of(village.person)
        day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        form = {
            "what": "fields",
            f"scope-{person}-email": "some",
            f"tick-{person}-email": ["terms:public-bodies"],
            f"until-{person}-email": day,
        }

        looked = client.post(page(village.person, "answer"), {**form, "step": "look"}).content.decode()
        assert "les organismes publics" in looked
        assert "1 information deviendra visible" in looked
        assert last_word([person]) == 0
        seen = looked.split('name="seen" value="')[1].split('"')[0]
        assert client.post(page(village.person, "answer"), {**form, "seen": seen}).status_code == 302

        (record,) = [r for r in own_records(village.person, now=datetime.now(UTC), proven=True) if r.id == person]
        assert record.sees("terms:public-bodies") == {"email"}
        assert record.sees("public") == record.sees("terms:commercial") == frozenset()
        after = datetime.now(UTC) + timedelta(days=32)
        (later,) = [r for r in own_records(village.person, now=after, proven=True) if r.id == person]
        assert later.sees("terms:public-bodies") == frozenset()

    def test_a_day_that_is_over_is_refused(self, village: Village) -> None:
        person = id_of(village.person)
        form = {"what": "fields", f"scope-{person}-email": "everybody", f"until-{person}-email": "2001-01-01"}

        assert by_letter(village.person).post(page(village.person, "answer"), form).status_code == 422

    def test_named_once_for_all_and_differently_in_one(self, village: Village) -> None:
        client = by_letter(village.person)
        form = {"what": "names", "level": "initials", f"level-{id_of(village.in_club)}": "function", "seen": "0"}

        assert client.post(page(village.person, "answer"), form).status_code == 302

        assert public_sees(village.in_choir, "display_name", village.person)
        assert "M. V." in client.get(page(village.person)).content.decode()
        assert public_sees(village.in_club, "role", village.person)
        assert not public_sees(village.in_club, "display_name", village.person)


class TestObjecting:
    def test_against_one_client_the_others_still_see(self, village: Village) -> None:
        client = by_letter(village.person)
        choose(client, village.person, "proposed")

        client.post(page(village.person, "answer"), {"what": "reader", "reader": "agreement:city"})

        found = {r.uid: r for r in own_records(village.person, now=datetime.now(UTC), proven=True)}
        assert found[village.in_choir].sees("agreement:city") == frozenset()
        assert "role" in found[village.in_choir].sees("terms:public-bodies")

    def test_against_one_purpose_only_terms_that_name_it_are_closed(self, village: Village) -> None:
        client = by_letter(village.person)
        choose(client, village.person, "proposed")

        client.post(page(village.person, "answer"), {"what": "purpose", "purpose": "statistics"})

        found = {r.uid: r for r in own_records(village.person, now=datetime.now(UTC), proven=True)}
        assert found[village.in_choir].sees("terms:public-bodies") == frozenset()
        assert "role" in found[village.in_choir].sees("terms:non-profits")

    def test_against_one_list_what_another_says_stays(self, village: Village) -> None:
        client = by_letter(village.person)
        choose(client, village.person, "proposed")

        answer = client.post(page(village.person, "answer"), {"what": "holder", "holder": holder_of(village).uid})

        assert answer.status_code == 302
        assert not public_sees(village.in_choir, "role", village.person)
        assert public_sees(village.in_club, "role", village.person)

    def test_a_link_cannot_object_to_a_list_its_notice_does_not_concern(self, village: Village) -> None:
        client = opened(village.person, notice=noticed(village).pk)

        answer = client.post(page(village.person, "answer"), {"what": "holder", "holder": holder_of(village, 1).uid})

        assert answer.status_code == 422

    def test_every_objection_is_let_through_with_a_link_alone(self, village: Village) -> None:
        client = opened(village.person, notice=noticed(village).pk)

        for form in (
            {"what": "reader", "reader": "agreement:city"},
            {"what": "purpose", "purpose": "agenda"},
            {"what": "holder", "holder": str(holder_of(village).uid)},
        ):
            assert "/done/" in client.post(page(village.person, "answer"), form)["Location"]

    def test_what_a_published_list_says_later_is_not_shown_by_default(self, village: Village) -> None:
        assert public_sees(village.choir, "email", village.choir)
        client = representing(village.choir, DECIDE)

        client.post(page(village.choir, "answer"), {"what": "holder", "holder": holder_of(village, 1).uid})

        source = Source.objects.get(id=village.lists[1])
        with revision(actor="holder", now=datetime.now(UTC), why="test") as draft:
            said = [Said("website", "https://choeur.example.org")]
            state(draft, record_id=id_of(village.choir), said=said, origin=Origin.HOLDER, source=source)
        assert not public_sees(village.choir, "email", village.choir)
        assert not public_sees(village.choir, "website", village.choir)


class TestReceived:
    def test_it_needs_a_proof(self, village: Village) -> None:
        assert opened(village.person).get(page(village.person, "received")).status_code == 403

    def test_nobody_is_said_where_nobody_is(self, village: Village) -> None:
        html = by_letter(village.person).get(page(village.person, "received")).content.decode()

        assert "Personne ne l&#x27;a encore reçu" in html

    def test_it_says_who_received_and_who_is_late(self, village: Village) -> None:
        now, city = datetime.now(UTC), get_audience("agreement:city")
        Delivery.objects.create(
            audience_id=city,
            key=key_of(get_audience("public"), id_of(village.in_choir)),
            version=1,
            first_at=now,
            repeats=13,
            last_at=now + timedelta(minutes=2),
        )
        for acknowledged, word, basis in ((None, "", ""), (now, "erased", ""), (now, "retained", "Loi d'archives")):
            Tombstone.objects.create(
                uid=uuid.uuid4(), audience_id=city, record_id=id_of(village.in_choir), properties='["role"]',
                deletion=False, issued_at=now - timedelta(days=3), deadline=now - timedelta(days=2),
                acknowledged_at=acknowledged, said=word, legal_basis=basis,
            )  # fmt: skip

        html = by_letter(village.person).get(page(village.person, "received")).content.decode()

        assert "Ville de Clairière" in html
        assert "lu 14 fois" in html
        assert "en retard" in html
        assert "effacement confirmé" in html
        assert "conservé malgré la demande" in html
        assert "Loi d&#x27;archives" in html
        other = by_letter(village.choir).get(page(village.choir, "received")).content.decode()
        assert "encore reçu" in other


class TestMandates:
    def test_a_representative_decides_in_the_name_of_the_organisation(self, village: Village) -> None:
        client = representing(village.choir, DECIDE)

        assert page(village.choir) in client.get("/account/").content.decode()
        assert "Chœur de la Clairière" in client.get("/account/").content.decode()
        choose(client, village.choir, "less")

        assert public_sees(village.choir, "name", village.choir)
        assert not public_sees(village.choir, "email", village.choir)

    def test_whoever_may_only_correct_looks_and_does_not_decide(self, village: Village) -> None:
        client = representing(village.choir, EDIT)

        html = client.get(page(village.choir)).content.decode()
        refused = choose(client, village.choir, "nothing", seen=0)
        index = client.post(page(village.choir, "index"), {"record": id_of(village.choir), "allowed": "no"})

        assert 'name="choice"' not in html
        assert (refused.status_code, index.status_code) == (403, 403)
        assert {client.get(page(village.choir, each)).status_code for each in ("fields", "names", "objections")} == {
            403
        }
        assert public_sees(village.choir, "email", village.choir)

    def test_an_ended_mandate_opens_nothing(self, village: Village) -> None:
        client = representing(village.choir, DECIDE)
        account = Account.objects.get(email="comite@example.org").pk
        end_mandates(account_id=account, subject_uid=village.choir, now=datetime.now(UTC))

        assert client.get(page(village.choir)).status_code == 403

    def test_a_person_with_an_account_needs_no_link(self, village: Village) -> None:
        client = representing(village.person, SELF)

        assert NAME in client.get(page(village.person)).content.decode()
        choose(client, village.person, "proposed")
        assert public_sees(village.in_choir, "role", village.person)


class TestSearchEngines:
    def test_a_page_can_be_kept_out_and_let_in_again(self, village: Village, visitor: Client) -> None:
        client, form = representing(village.choir, DECIDE), {"record": id_of(village.choir)}
        address = f"/o/{village.choir}"
        shown = visitor.get(address, follow=True).content.decode()
        part = f"/sitemap-{village.choir.hex[0]}.xml"
        assert 'content="noindex"' not in shown
        assert village.choir.hex[:8] in visitor.get(part).content.decode()

        client.post(page(village.choir, "index"), {**form, "allowed": "no"})

        assert unindexed([id_of(village.choir)])
        assert 'content="noindex"' in visitor.get(address, follow=True).content.decode()
        assert village.choir.hex[:8] not in visitor.get(part).content.decode()
        client.post(page(village.choir, "index"), {**form, "allowed": "yes"})
        assert village.choir.hex[:8] in visitor.get(part).content.decode()

    @pytest.mark.parametrize("number", ["", "x", "9" * 40, "7"])
    def test_only_ones_own_pages(self, village: Village, number: str) -> None:
        client = representing(village.choir, DECIDE)

        assert client.post(page(village.choir, "index"), {"record": number, "allowed": "no"}).status_code == 422
