"""Client credentials and access tokens."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from datacoop.accounts import actions, queries, rules
from datacoop.accounts.models import AccessToken, ClientCredential

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def client(db: None) -> tuple[str, str]:
    return actions.add_client(agreement="agreement-1", now=NOW)


def agreement_of(token: str, now: datetime = NOW) -> str | None:
    return queries.agreement_of_token_hash(rules.secret_hash(token), now)


def issue(client: tuple[str, str], now: datetime = NOW) -> str:
    token, _ = actions.issue_token(client_id=client[0], client_secret=client[1], now=now)
    return token


class TestIssueToken:
    def test_stands_for_the_agreement_for_an_hour(self, client: tuple[str, str]) -> None:
        token, expires_at = actions.issue_token(client_id=client[0], client_secret=client[1], now=NOW)

        assert expires_at == NOW + HOUR
        assert agreement_of(token) == "agreement-1"
        assert agreement_of(token, NOW + HOUR) is None

    def test_refuses_a_wrong_secret_and_an_unknown_client_alike(self, client: tuple[str, str]) -> None:
        said = []
        for client_id, secret in ((client[0], "wrong"), ("agreement-2", client[1]), ("", "")):
            with pytest.raises(actions.ClientRefused) as caught:
                actions.issue_token(client_id=client_id, client_secret=secret, now=NOW)
            said.append(str(caught.value))

        assert len(set(said)) == 1

    def test_needs_no_secret_from_a_steward(self, client: tuple[str, str]) -> None:
        token, _ = actions.issue_token_as_steward(client_id=client[0], now=NOW)

        assert agreement_of(token) == "agreement-1"

    def test_keeps_neither_token_nor_secret(self, client: tuple[str, str]) -> None:
        token = issue(client)

        stored = str([*AccessToken.objects.values(), *ClientCredential.objects.values()])
        assert token not in stored
        assert client[1] not in stored

    def test_is_checked_by_one_indexed_look_up(
        self, client: tuple[str, str], django_assert_num_queries: object
    ) -> None:
        token = issue(client)

        with django_assert_num_queries(1):  # type: ignore[operator]
            assert agreement_of(token) == "agreement-1"


class TestSuspendClient:
    def test_ends_credential_and_tokens_at_once(self, client: tuple[str, str]) -> None:
        token = issue(client)

        assert actions.suspend_client(client_id=client[0], now=NOW) == 1
        assert agreement_of(token) is None
        assert not queries.is_client(client[0])
        for attempt in (
            lambda: issue(client),
            lambda: actions.issue_token_as_steward(client_id=client[0], now=NOW),
        ):
            with pytest.raises(actions.ClientRefused):
                attempt()

    def test_is_harmless_twice_and_keeps_the_first_date(self, client: tuple[str, str]) -> None:
        actions.suspend_client(client_id=client[0], now=NOW)
        actions.suspend_client(client_id=client[0], now=NOW + HOUR)

        assert ClientCredential.objects.get().revoked_at == NOW

    def test_leaves_other_clients_alone(self, client: tuple[str, str]) -> None:
        other = actions.add_client(agreement="agreement-2", now=NOW)
        token = issue(other)

        actions.suspend_client(client_id=client[0], now=NOW)

        assert agreement_of(token) == "agreement-2"

    @pytest.mark.django_db
    def test_refuses_an_unknown_one(self) -> None:
        with pytest.raises(actions.ClientRefused):
            actions.suspend_client(client_id="nobody", now=NOW)

    @pytest.mark.django_db(transaction=True)
    def test_lets_no_token_through_that_was_asked_for_meanwhile(self) -> None:
        client = actions.add_client(agreement="agreement-1", now=NOW)
        tokens: list[str] = []

        def ask() -> None:
            try:
                for _ in range(50):
                    tokens.append(issue(client))
            except actions.ClientRefused:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        while not tokens and any(thread.is_alive() for thread in threads):
            threading.Event().wait(0.001)
        actions.suspend_client(client_id=client[0], now=NOW)
        for thread in threads:
            thread.join(60)

        assert tokens
        assert [agreement_of(token) for token in tokens] == [None] * len(tokens)


class TestAddClient:
    def test_gives_one_secret_only(self, client: tuple[str, str]) -> None:
        with pytest.raises(actions.ClientExists):
            actions.add_client(agreement="agreement-1", now=NOW)

    def test_can_replace_it_and_ends_what_the_old_one_opened(self, client: tuple[str, str]) -> None:
        token = issue(client)

        secret = actions.replace_secret(client_id=client[0], now=NOW)

        assert agreement_of(token) is None
        assert agreement_of(issue((client[0], secret))) == "agreement-1"
        with pytest.raises(actions.ClientRefused):
            issue(client)


class TestRotateSecret:
    def test_both_open_until_the_old_one_ends_by_itself(self, client: tuple[str, str]) -> None:
        secret = actions.rotate_secret(client_id=client[0], now=NOW, overlap=7 * DAY)

        just_before, over = NOW + 7 * DAY - HOUR, NOW + 7 * DAY
        assert issue(client, just_before)
        assert issue((client[0], secret), just_before)
        with pytest.raises(actions.ClientRefused):
            issue(client, over)
        assert issue((client[0], secret), over)

    def test_leaves_running_tokens_alone(self, client: tuple[str, str]) -> None:
        token = issue(client)

        actions.rotate_secret(client_id=client[0], now=NOW)

        assert agreement_of(token) == "agreement-1"

    def test_no_more_than_two_open(self, client: tuple[str, str]) -> None:
        second = actions.rotate_secret(client_id=client[0], now=NOW)
        actions.rotate_secret(client_id=client[0], now=NOW)

        with pytest.raises(actions.ClientRefused):
            issue(client)
        assert issue((client[0], second))

    def test_replacing_ends_both_at_once(self, client: tuple[str, str]) -> None:
        second = actions.rotate_secret(client_id=client[0], now=NOW)
        actions.replace_secret(client_id=client[0], now=NOW)

        for secret in (client[1], second):
            with pytest.raises(actions.ClientRefused):
                issue((client[0], secret))

    @pytest.mark.parametrize("overlap", [timedelta(), -HOUR, timedelta(days=91)])
    def test_refuses_an_overlap_that_is_none_or_too_long(self, client: tuple[str, str], overlap: timedelta) -> None:
        with pytest.raises(ValueError, match="1 to 90 days"):
            actions.rotate_secret(client_id=client[0], now=NOW, overlap=overlap)

        assert issue(client)

    def test_tells_until_when_the_old_one_opens(self, client: tuple[str, str]) -> None:
        actions.rotate_secret(client_id=client[0], now=NOW, overlap=DAY)

        found, later = queries.find_secret(client[0], now=NOW), queries.find_secret(client[0], now=NOW + 2 * DAY)
        assert found is not None
        assert found.former_until == NOW + DAY
        assert later is not None
        assert later.former_until is None


class TestSweep:
    def test_removes_what_ended_a_day_ago(self, client: tuple[str, str]) -> None:
        issue(client)
        issue(client, now=NOW + timedelta(days=2))

        assert actions.sweep(now=NOW + timedelta(days=2)) == 1
        assert AccessToken.objects.count() == 1
