"""The canonical form, its hash and keyed digests."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.ledger import rules

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = b"k" * 32


class TestCanonical:
    def test_does_not_depend_on_the_order_of_keys(self) -> None:
        assert rules.canonical({"b": 1, "a": [True, None]}) == rules.canonical({"a": [True, None], "b": 1})

    def test_writes_utf8_without_spaces(self) -> None:
        assert rules.canonical({"a": {"c": "é", "b": 1}}) == '{"a":{"b":1,"c":"é"}}'.encode()

    @pytest.mark.parametrize("value", [1.5, float("nan"), "a\x00b", 2**53, "\ud800", b"x", AT])
    def test_refuses_what_databases_keep_differently(self, value: object) -> None:
        with pytest.raises(rules.UnfitPayload):
            rules.canonical({"a": value})

    def test_refuses_without_telling_the_value(self) -> None:
        with pytest.raises(rules.UnfitPayload) as caught:
            rules.canonical({"a": ["fine", "Anna\x00"]})

        assert "Anna" not in str(caught.value)
        assert "payload.a[1]" in str(caught.value)


class TestEntryHash:
    def test_is_the_same_instant_in_any_zone(self) -> None:
        there = AT.astimezone(timezone(timedelta(hours=5)))

        assert _hash(at=AT) == _hash(at=there)

    @pytest.mark.parametrize(
        "change",
        [
            {"number": 2},
            {"at": AT + timedelta(microseconds=1)},
            {"kind": "grant.ended"},
            {"payload": {"a": 2}},
            {"previous": "1" * 64},
        ],
    )
    def test_covers_every_part(self, change: dict[str, object]) -> None:
        assert _hash(**change) != _hash()

    def test_refuses_a_time_without_zone(self) -> None:
        with pytest.raises(rules.UnfitPayload):
            _hash(at=AT.replace(tzinfo=None))


class TestDigest:
    @given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
    def test_differs_as_soon_as_the_parts_differ(self, one: list[str], other: list[str]) -> None:
        assert (rules.digest(KEY, *one) == rules.digest(KEY, *other)) == (one == other)

    def test_needs_the_key(self) -> None:
        assert rules.digest(KEY, "a") != rules.digest(b"j" * 32, "a")

    def test_refuses_a_short_key(self) -> None:
        with pytest.raises(ValueError):
            rules.digest(b"short", "a")


def _hash(**change: object) -> str:
    parts = {"number": 1, "at": AT, "kind": "grant.given", "payload": {"a": 1}, "previous": rules.START}
    return rules.entry_hash(**{**parts, **change})
