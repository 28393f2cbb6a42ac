"""Accounts, one-time links and mandates."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user
from django.db import connection
from django.test import Client, RequestFactory

from datacoop.accounts import actions, queries, rules
from datacoop.accounts.models import Account, SignInLink

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUBJECT = uuid.UUID(int=7)


@pytest.fixture
def anna(db: None) -> Account:
    return actions.open_account(email="Anna@Example.org", name="Anna Exemple", now=NOW)


class TestOpenAccount:
    def test_keeps_one_account_per_address_however_capitalised(self, anna: Account) -> None:
        again = actions.open_account(email=" ANNA@example.ORG ", name="Other", now=NOW)

        assert again.pk == anna.pk
        assert again.name == "Anna Exemple"

    def test_adds_the_steward_and_never_takes_it_away(self, anna: Account) -> None:
        actions.open_account(email="anna@example.org", name="", now=NOW, is_steward=True)
        actions.open_account(email="anna@example.org", name="", now=NOW)

        assert Account.objects.get().is_steward

    def test_has_no_password(self, anna: Account) -> None:
        assert "password" not in {field.name for field in Account._meta.get_fields()}


class TestSignInLink:
    def test_signs_in_once(self, anna: Account) -> None:
        token = actions.create_link(email="anna@example.org", now=NOW)
        assert token is not None

        assert actions.redeem_link(token=token, now=NOW + timedelta(minutes=14)) == anna
        with pytest.raises(actions.LinkRefused):
            actions.redeem_link(token=token, now=NOW + timedelta(minutes=14))

    def test_ends_after_a_quarter_of_an_hour(self, anna: Account) -> None:
        token = actions.create_link(email="anna@example.org", now=NOW)
        assert token is not None

        with pytest.raises(actions.LinkRefused):
            actions.redeem_link(token=token, now=NOW + timedelta(minutes=15))

    def test_may_last_a_week_for_the_demo(self, anna: Account) -> None:
        token = actions.create_link(email="anna@example.org", now=NOW, lifetime=rules.DEMO_LINK_LIFETIME)
        assert token is not None

        assert actions.redeem_link(token=token, now=NOW + timedelta(days=6)) == anna

    @pytest.mark.django_db
    def test_is_not_made_for_an_unknown_address(self) -> None:
        assert actions.create_link(email="nobody@example.org", now=NOW) is None

    def test_is_not_made_for_a_closed_account_and_its_links_end(self, anna: Account) -> None:
        token = actions.create_link(email="anna@example.org", now=NOW)
        assert token is not None
        actions.close_account(account_id=anna.pk, now=NOW)

        assert actions.create_link(email="anna@example.org", now=NOW) is None
        with pytest.raises(actions.LinkRefused):
            actions.redeem_link(token=token, now=NOW)

    @pytest.mark.parametrize("token", ["", "x", "\ud800", "a" * 10_000])
    @pytest.mark.django_db
    def test_refuses_nonsense(self, token: str) -> None:
        with pytest.raises(actions.LinkRefused):
            actions.redeem_link(token=token, now=NOW)

    def test_keeps_the_token_nowhere(self, anna: Account) -> None:
        token = actions.create_link(email="anna@example.org", now=NOW)

        assert str(token) not in str(list(SignInLink.objects.values()))

    @pytest.mark.django_db(transaction=True)
    def test_lets_one_of_many_who_try_at_once_in(self) -> None:
        actions.open_account(email="anna@example.org", name="", now=NOW)
        token = actions.create_link(email="anna@example.org", now=NOW)
        admitted: list[int] = []

        def attempt() -> None:
            try:
                admitted.append(actions.redeem_link(token=str(token), now=NOW).pk)
            except actions.LinkRefused:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=attempt) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

        assert len(admitted) == 1


class TestSession:
    def test_ends_when_sessions_are_ended(self, anna: Account) -> None:
        visitor = Client()
        visitor.force_login(anna)
        before = _account_of(visitor)

        actions.end_sessions(account_id=anna.pk)

        assert before == anna.pk
        assert _account_of(visitor) is None


class TestUnconfirmed:
    @pytest.mark.django_db
    def test_is_removed_after_a_day_unless_somebody_signed_in(self) -> None:
        waiting = actions.open_unconfirmed(email="Typo@example.org", language="de", now=NOW)
        signed_in = actions.open_unconfirmed(email="real@example.org", language="de", now=NOW)
        assert waiting
        assert signed_in
        actions.confirm_account(account_id=signed_in.pk)

        actions.sweep(now=NOW + timedelta(hours=23))
        assert queries.find_account("typo@example.org") is not None
        actions.sweep(now=NOW + timedelta(hours=25))
        assert queries.find_account("typo@example.org") is None
        assert queries.find_account("real@example.org") is not None

    def test_is_the_account_there_is(self, anna: Account) -> None:
        found = actions.open_unconfirmed(email=anna.email.upper(), language="de", now=NOW)
        assert found == anna
        assert not found.is_unconfirmed

    def test_opens_none_where_it_was_closed(self, anna: Account) -> None:
        actions.close_account(account_id=anna.pk, now=NOW)
        assert actions.open_unconfirmed(email=anna.email, language="de", now=NOW) is None


class TestMandate:
    def test_holds_from_until(self, anna: Account) -> None:
        actions.give_mandate(
            account_id=anna.pk,
            subject_uid=SUBJECT,
            scope="edit",
            valid_from=NOW,
            valid_until=NOW + timedelta(days=1),
        )

        assert [_may(anna, NOW + timedelta(days=d)) for d in (-1, 0, 1)] == [False, True, False]
        assert queries.list_mandate_subjects(account_id=anna.pk, now=NOW) == [(SUBJECT, "edit")]
        assert queries.list_representatives(subject_uid=SUBJECT, scope="edit", now=NOW) == [anna.pk]

    def test_is_for_its_scope_and_subject_only(self, anna: Account) -> None:
        actions.give_mandate(account_id=anna.pk, subject_uid=SUBJECT, scope="decide", valid_from=NOW)

        assert not _may(anna, NOW)
        other = uuid.UUID(int=8)
        assert not queries.has_mandate(account_id=anna.pk, subject_uid=other, scope="decide", now=NOW)

    @pytest.mark.parametrize("scope", ["self", "guardian"])
    def test_of_the_person_or_its_guardian_is_for_all_that_concerns_them(self, anna: Account, scope: str) -> None:
        actions.give_mandate(account_id=anna.pk, subject_uid=SUBJECT, scope=scope, valid_from=NOW)

        may = [queries.has_mandate(account_id=anna.pk, subject_uid=SUBJECT, scope=each, now=NOW)
               for each in ("edit", "decide", "holder")]  # fmt: skip
        assert may == [True, True, False]
        assert queries.list_representatives(subject_uid=SUBJECT, scope="edit", now=NOW) == []

    def test_to_answer_for_persons_does_not_exist(self, anna: Account) -> None:
        for scope in ("answer_for_persons", "all", ""):
            with pytest.raises(ValueError, match="There is no mandate"):
                actions.give_mandate(account_id=anna.pk, subject_uid=SUBJECT, scope=scope, valid_from=NOW)

    def test_ends_at_once(self, anna: Account) -> None:
        actions.give_mandate(account_id=anna.pk, subject_uid=SUBJECT, scope="edit", valid_from=NOW)

        assert actions.end_mandates(account_id=anna.pk, subject_uid=SUBJECT, now=NOW) == 1
        assert not _may(anna, NOW)

    def test_ends_with_the_account(self, anna: Account) -> None:
        actions.give_mandate(account_id=anna.pk, subject_uid=SUBJECT, scope="edit", valid_from=NOW)
        actions.close_account(account_id=anna.pk, now=NOW)

        assert not _may(anna, NOW)


def _may(account: Account, now: datetime) -> bool:
    return queries.has_mandate(account_id=account.pk, subject_uid=SUBJECT, scope="edit", now=now)


def _account_of(visitor: Client) -> int | None:
    request = RequestFactory().get("/")
    request.session = visitor.session
    return get_user(request).pk
