"""Codes that are typed: for one purpose, once, for a quarter of an hour, and five tries."""

import doctest
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core import serializers

from datacoop.accounts import codes, rules
from datacoop.accounts.models import Code

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def made(purpose: str = "step", about: str = "account:1", **options: object) -> str:
    number = codes.make_code(purpose=purpose, about=about, now=NOW, **options)  # type: ignore[arg-type]
    text = codes.text_of(number, now=NOW)
    assert text
    return text


def redeemed(text: str, purpose: str = "step", about: str = "account:1", now: datetime = NOW) -> bool:
    return codes.redeem_code(purpose=purpose, about=about, text=text, now=now)


def other(text: str) -> str:
    return f"{(int(rules.plain_code(text)) + 1) % 10**8:08d}"


class TestRedeem:
    def test_works_once_however_it_is_typed(self) -> None:
        text = made()
        assert redeemed(f" {text.replace(' ', '-')}. ")
        assert not redeemed(text)

    def test_is_for_one_purpose_about_one_thing(self) -> None:
        text = made()
        assert not redeemed(text, purpose="claim")
        assert not redeemed(text, about="account:2")
        assert redeemed(text)

    def test_ends_after_a_quarter_of_an_hour(self) -> None:
        text = made()
        assert not redeemed(text, now=NOW + timedelta(minutes=15))
        assert redeemed(text, now=NOW + timedelta(minutes=14))

    def test_ends_with_the_next_one(self) -> None:
        first, second = made(), made()
        assert not redeemed(first)
        assert redeemed(second)

    def test_ends_after_five_wrong_tries(self) -> None:
        text = made()
        assert [redeemed(other(text)) for _ in range(5)] == [False] * 5
        assert not redeemed(text)

    def test_takes_the_right_one_at_the_fifth_try(self) -> None:
        text = made()
        assert not any(redeemed(other(text)) for _ in range(4))
        assert redeemed(text)

    @pytest.mark.parametrize("text", ["", "nonsense", "٣٤٧٤ ٦٥٣٨", "\0", "1" * 5000])
    def test_refuses_what_is_no_code(self, text: str) -> None:
        made()
        assert not redeemed(text)

    def test_refuses_where_none_was_made(self) -> None:
        assert not redeemed("0000 0000")


class TestText:
    def test_stands_nowhere_in_the_table(self) -> None:
        text = made()
        kept = json.dumps(serializers.serialize("json", Code.objects.all()))
        assert text not in kept
        assert rules.plain_code(text) not in kept

    def test_hangs_on_the_secret_key(self, settings: object) -> None:
        nonce = "n" * 43
        before = codes.code_text(nonce)
        settings.SECRET_KEY = "another" * 9  # type: ignore[attr-defined]
        assert codes.code_text(nonce) != before

    def test_is_not_told_once_it_ended(self) -> None:
        number = codes.make_code(purpose="step", about="account:1", now=NOW)
        assert codes.text_of(number, now=NOW + timedelta(hours=1)) is None


def test_examples_in_the_rules_hold() -> None:
    assert doctest.testmod(rules).failed == 0
