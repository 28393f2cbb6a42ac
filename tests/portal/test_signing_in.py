"""Signing in by code, with an authenticator where there is one, and proving once more that it is oneself."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from datacoop.accounts.actions import create_link, open_account
from datacoop.accounts.models import Account
from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.portal import limits
from datacoop.records import withdrawals
from datacoop.records.endings import end_again

pytestmark = pytest.mark.django_db(transaction=True)
ANNA = "anna@example.org"


@pytest.fixture(autouse=True)
def _nobody_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    for module in ("signing", "account.security"):
        monkeypatch.setattr(f"datacoop.portal.views.{module}.SIGN_INS_TO", limits.Limit(most=50, seconds=60))
    monkeypatch.setattr("datacoop.portal.views.signing.SIGN_INS", limits.Limit(most=50, seconds=60))


def mailed_code() -> str:
    run_due(datetime.now(UTC) + timedelta(seconds=1))
    found = re.search(r"\d{4} \d{4}", str(mail.outbox[-1].body))
    assert found
    return found.group()


def wrong(code: str) -> str:
    return f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"


def ask(visitor: Client, email: str = ANNA) -> str:
    assert visitor.post("/sign-in", {"email": email})["Location"] == "/sign-in/code"
    return mailed_code()


def signed_in(email: str = ANNA) -> Client:
    client = Client(headers={"accept-language": "fr"})
    assert client.post("/sign-in/code", {"code": ask(client, email)}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fr", "Votre code pour «\u202fL’annuaire commun\u202f»"),
        ("de", "Ihr Code für «Das gemeinsame Verzeichnis»"),
        ("it", "Il vostro codice per «L’elenco comune»"),
        ("en", "Your code for “The shared directory”"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_the_mail_says_which_service_its_code_is_for(language: str, subject: str) -> None:
    Client(headers={"accept-language": language}).post("/sign-in", {"email": ANNA})
    mailed_code()
    assert mail.outbox[-1].subject == subject
    assert "http://127.0.0.1:8000" in str(mail.outbox[-1].body).partition("Tel.")[0]


class TestCode:
    def test_signs_in_and_opens_the_account(self, visitor: Client) -> None:
        code = ask(visitor)
        assert not is_in(visitor)
        assert visitor.post("/sign-in/code", {"code": code})["Location"] == "/account/"
        assert is_in(visitor)
        assert not Account.objects.get(email=ANNA).is_unconfirmed

    def test_works_in_the_browser_that_asked_and_once(self, visitor: Client) -> None:
        code = ask(visitor)
        stranger = Client()
        ask(stranger, "mallory@example.org")
        assert stranger.post("/sign-in/code", {"code": code}).status_code == 422
        visitor.post("/sign-in/code", {"code": code})
        visitor.post("/sign-out")
        assert visitor.post("/sign-in/code", {"code": code})["Location"] == "/sign-in"
        assert not is_in(visitor)

    def test_ends_after_five_wrong_tries(self, visitor: Client) -> None:
        code = ask(visitor)
        answers = [visitor.post("/sign-in/code", {"code": wrong(code)}).status_code for _ in range(5)]
        assert answers == [422, 422, 422, 422, 302]
        assert visitor.post("/sign-in/code", {"code": code})["Location"] == "/sign-in"
        assert not is_in(visitor)

    def test_ends_after_a_quarter_of_an_hour(self, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        code = ask(visitor)
        later = time.time() + 901
        monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: later)
        assert visitor.post("/sign-in/code", {"code": code})["Location"] == "/sign-in"
        assert not is_in(visitor)

    def test_goes_on_to_the_page_that_was_wished_and_nowhere_else(self) -> None:
        for wished, place in (("/claim/x", "/claim/x"), ("//evil.example.org", "/account/")):
            client = Client(headers={"accept-language": "fr"})
            client.post("/sign-in", {"email": ANNA, "next": wished})
            answer = client.post("/sign-in/code", {"code": mailed_code(), "next": wished})
            assert answer["Location"] == place

    def test_can_be_asked_for_again_with_another_address(self, visitor: Client) -> None:
        ask(visitor, "tpyo@example.org")
        assert visitor.get("/sign-in").status_code == 200
        visitor.post("/sign-in/code", {"code": ask(visitor)})
        assert is_in(visitor)

    def test_stands_in_no_queue(self, visitor: Client) -> None:
        visitor.post("/sign-in", {"email": ANNA})
        waiting = repr(list(Job.objects.values_list("payload", flat=True)))
        code = mailed_code()
        assert code.replace(" ", "") not in waiting.replace(" ", "")
        assert ANNA not in waiting

    def test_goes_to_one_address_eight_times_an_hour_at_most(
        self, visitor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("datacoop.portal.views.signing.SIGN_INS_TO", limits.Limit(most=2, seconds=60))
        answers = [visitor.post("/sign-in", {"email": ANNA}).status_code for _ in range(3)]
        assert answers == [302, 302, 429]


class TestAuthenticator:
    @pytest.fixture
    def anna(self) -> Account:
        anna = open_account(email=ANNA, name="Anna", now=datetime.now(UTC))
        self.secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        return anna

    def number(self) -> str:
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30))

    def set_up(self) -> Client:
        client = signed_in()
        page = client.get("/account/authenticator").content.decode()
        found = re.search(r'class="secret">(\w+)<', page)
        assert found
        self.secret = found.group(1)
        assert client.post("/account/authenticator", {"code": self.number()}).status_code == 302
        return client

    def test_is_asked_for_after_the_code(self, anna: Account) -> None:
        client = self.set_up()
        client.post("/sign-out")
        assert client.post("/sign-in/code", {"code": ask(client)})["Location"] == "/sign-in/authenticator"
        assert not is_in(client)
        assert client.post("/sign-in/authenticator", {"code": "000000"}).status_code == 422
        cache.clear()
        client.post("/sign-in/authenticator", {"code": self.number()})
        assert is_in(client)

    def test_is_asked_for_after_a_one_time_link_too(self, anna: Account, visitor: Client) -> None:
        self.set_up()
        token = create_link(email=ANNA, now=datetime.now(UTC))
        assert visitor.post(f"/sign-in/{token}")["Location"] == "/sign-in/authenticator"
        assert not is_in(visitor)

    def test_is_replaced_by_a_spare_code_once(self, anna: Account) -> None:
        client = self.set_up()
        codes = re.findall(r'class="secret">(\w+)<', client.get("/account/spare-codes").content.decode())
        assert len(codes) == 10
        client.post("/sign-out")
        client.post("/sign-in/code", {"code": ask(client)})
        client.post("/sign-in/authenticator", {"code": codes[0]})
        assert is_in(client)
        client.post("/sign-out")
        client.post("/sign-in/code", {"code": ask(client)})
        client.post("/sign-in/authenticator", {"code": codes[0]})
        assert not is_in(client)

    def test_keeps_its_secret_sealed(self, anna: Account) -> None:
        self.set_up()
        with connection.cursor() as cursor:
            cursor.execute("SELECT data FROM mfa_authenticator")
            kept = repr(cursor.fetchall())
        assert self.secret not in kept
        assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == self.secret

    def test_can_be_given_up(self, anna: Account) -> None:
        client = self.set_up()
        client.post("/account/authenticator/off")
        assert not Authenticator.objects.exists()
        client.post("/sign-out")
        client.post("/sign-in/code", {"code": ask(client)})
        assert is_in(client)

    @pytest.fixture(params=["passkey", "authenticator"])
    def ways_in(self, request: pytest.FixtureRequest, anna: Account) -> tuple[Client, str]:
        """Whoever has one that was perhaps stolen, and the page that removes it."""
        if request.param == "authenticator":
            return self.set_up(), "/account/authenticator/off"
        made = Authenticator.objects.create(user=anna, type="webauthn", data={"name": "Clef"})
        return signed_in(), f"/account/passkeys/{made.pk}/remove"

    def test_is_removed_from_an_old_backup_too(self, ways_in: tuple[Client, str]) -> None:
        client, page = ways_in
        backup = list(Authenticator.objects.all())
        withdrawals.path().unlink(missing_ok=True)
        assert client.post(page).status_code == 302
        assert not Authenticator.objects.exists()
        Authenticator.objects.bulk_create(backup)

        end_again(list(withdrawals.lines(withdrawals.path().read_bytes())), now=datetime.now(UTC))

        assert not Authenticator.objects.exclude(type="recovery_codes").exists()

    def test_stays_where_the_log_of_it_cannot_be_written(
        self, ways_in: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client, page = ways_in
        before = Authenticator.objects.count()
        monkeypatch.setattr(withdrawals, "path", lambda: Path("/proc/nowhere/withdrawals.log"))

        with pytest.raises(OSError, match="nowhere"):
            client.post(page)

        assert Authenticator.objects.count() == before


class TestProvingOnceMore:
    def old(self, client: Client, seconds: int = 601) -> Client:
        """Let the proofs of a session grow old."""
        session = client.session
        for each in session["account_authentication_methods"]:
            each["at"] -= seconds
        session.save()
        return client

    def test_is_not_asked_of_who_just_signed_in(self) -> None:
        assert self.old(signed_in(), 590).get("/account/authenticator").status_code == 200

    def test_is_asked_after_ten_minutes_and_done_by_a_new_code(self) -> None:
        client = self.old(signed_in())
        asked = client.get("/account/authenticator")["Location"]
        assert asked == "/account/confirm?next=%2Faccount%2Fauthenticator"
        client.post("/account/confirm", {"send": "", "next": "/account/authenticator"})
        code = mailed_code()
        assert client.post("/account/confirm", {"code": wrong(code)}).status_code == 422
        done = client.post("/account/confirm", {"code": code, "next": "/account/authenticator"})
        assert done["Location"] == "/account/authenticator"
        assert client.get("/account/authenticator").status_code == 200

    def test_is_not_done_by_somebody_elses_code(self) -> None:
        client, other = self.old(signed_in()), signed_in("other@example.org")
        other.post("/account/confirm", {"send": ""})
        assert client.post("/account/confirm", {"code": mailed_code()}).status_code == 422

    def test_needs_the_authenticator_where_there_is_one(self) -> None:
        client = self.old(signed_in())
        TOTP.activate(Account.objects.get(email=ANNA), "JBSWY3DPEHPK3PXP")
        client.post("/account/confirm", {"send": ""})
        run_due(datetime.now(UTC) + timedelta(seconds=1))
        assert len(mail.outbox) == 1
        assert client.get("/account/passkeys/add")["Location"].startswith("/account/confirm")

    def test_is_for_whoever_is_signed_in(self, visitor: Client) -> None:
        for path in ("/account/", "/account/confirm", "/account/passkeys/add", "/account/spare-codes"):
            assert visitor.get(path)["Location"].startswith("/sign-in?next=")


class TestAccount:
    def test_is_kept_by_no_cache(self) -> None:
        answer = signed_in().get("/account/")
        assert "no-store" in answer["Cache-Control"]
        assert "script-src" not in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]

    def test_saves_name_and_language(self) -> None:
        client = signed_in()
        client.post("/account/", {"name": "Anna Exemple", "language": "it"})
        anna = Account.objects.get(email=ANNA)
        assert (anna.name, anna.language) == ("Anna Exemple", "it")

    def test_signs_out_everywhere(self) -> None:
        here, there = signed_in(), signed_in()
        here.post("/account/", {"everywhere": ""})
        assert not is_in(here)
        assert not is_in(there)

    def test_can_be_closed_for_ever(self) -> None:
        client = signed_in()
        client.post("/account/", {"close": ""})
        assert not is_in(client)
        again = Client()
        again.post("/sign-in", {"email": ANNA})
        run_due(datetime.now(UTC) + timedelta(seconds=1))
        assert len(mail.outbox) == 1
