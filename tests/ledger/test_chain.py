"""Appending to the chain, and finding whatever was done to it behind our back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoop.ledger import actions, queries, rules
from datacoop.ledger.models import Entry, Head

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


# Each example empties the database by itself.
on_clean_databases = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def grow(count: int) -> None:
    with transaction.atomic():
        for n in range(1, count + 1):
            actions.append(
                at=AT + timedelta(microseconds=n), kind="grant.given", payload={"n": n, "words": ["ü", None]}
            )


@pytest.mark.django_db
class TestAppend:
    def test_numbers_densely_from_one(self) -> None:
        numbers = [actions.append(at=AT, kind="grant.given", payload={}) for _ in range(3)]

        assert numbers == [1, 2, 3]

    def test_links_each_entry_to_the_one_before(self) -> None:
        grow(3)

        first, second, third = Entry.objects.order_by("number")
        assert first.previous == rules.START
        assert second.previous == first.hash
        assert third.previous == second.hash
        assert queries.get_tip() == queries.Tip(3, third.hash)

    def test_refuses_a_malformed_kind(self) -> None:
        with pytest.raises(actions.LedgerError):
            actions.append(at=AT, kind="Grant", payload={})

    def test_stops_a_writer_who_lost_the_race(self) -> None:
        grow(2)
        with pytest.raises(actions.LedgerError):
            actions._move_head(from_number=1, number=2, digest="0" * 64)


@pytest.mark.django_db(transaction=True)
class TestTransaction:
    def test_refuses_to_append_outside_one(self) -> None:
        with pytest.raises(actions.LedgerError):
            actions.append(at=AT, kind="grant.given", payload={})

    def test_leaves_no_gap_when_it_is_rolled_back(self) -> None:
        grow(1)
        with transaction.atomic():
            actions.append(at=AT, kind="grant.given", payload={})
            transaction.set_rollback(True)

        grow(1)

        assert list(Entry.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
        assert queries.verify_chain() == []


EDITS: dict[str, Callable[[Entry], object]] = {
    "at": lambda entry: entry.at + timedelta(microseconds=1),
    "kind": lambda entry: "grant.ended",
    "payload": lambda entry: {**entry.payload, "n": 99},
    "previous": lambda entry: "f" * 64,
    "hash": lambda entry: "e" * 64,
}


@pytest.mark.django_db(transaction=True)
class TestVerifyChain:
    def test_finds_nothing_in_an_untouched_chain(self) -> None:
        assert queries.verify_chain() == []
        grow(7)
        assert queries.verify_chain() == []

    @on_clean_databases
    @given(count=st.integers(1, 8), data=st.data())
    def test_finds_any_edit(self, clean_database: Callable[[], None], count: int, data: st.DataObject) -> None:
        clean_database()
        grow(count)
        entry = Entry.objects.get(number=data.draw(st.integers(1, count)))
        field = data.draw(st.sampled_from(sorted(EDITS)))
        Entry.objects.filter(pk=entry.pk).update(**{field: EDITS[field](entry)})

        assert queries.verify_chain() != []

    @on_clean_databases
    @given(count=st.integers(1, 8), data=st.data())
    def test_finds_any_removal(self, clean_database: Callable[[], None], count: int, data: st.DataObject) -> None:
        clean_database()
        grow(count)
        gone = data.draw(st.sets(st.integers(1, count), min_size=1))
        Entry.objects.filter(number__in=gone).delete()

        assert queries.verify_chain() != []

    @on_clean_databases
    @given(count=st.integers(2, 8), data=st.data())
    def test_finds_any_swap(self, clean_database: Callable[[], None], count: int, data: st.DataObject) -> None:
        clean_database()
        grow(count)
        one, other = data.draw(st.lists(st.integers(1, count), min_size=2, max_size=2, unique=True))
        _swap(one, other, hashes_too=data.draw(st.booleans()))

        assert queries.verify_chain() != []

    @on_clean_databases
    @given(count=st.integers(2, 8), data=st.data())
    def test_finds_a_rewritten_entry_with_a_fitting_hash(
        self, clean_database: Callable[[], None], count: int, data: st.DataObject
    ) -> None:
        clean_database()
        grow(count)
        entry = Entry.objects.get(number=data.draw(st.integers(1, count)))
        entry.payload = {"forged": True}
        entry.hash = rules.entry_hash(
            number=entry.number, at=entry.at, kind=entry.kind, payload=entry.payload, previous=entry.previous
        )
        entry.save()

        assert queries.verify_chain() != []

    def test_finds_a_lost_head(self) -> None:
        grow(2)
        Head.objects.all().delete()

        assert len(queries.verify_chain()) == 1

    def test_survives_a_payload_that_could_never_have_been_appended(self) -> None:
        grow(2)
        Entry.objects.filter(number=1).update(payload=[1.5])

        assert "entry 1 was changed" in " ".join(queries.verify_chain())


def _swap(one: int, other: int, *, hashes_too: bool) -> None:
    fields = ["at", "kind", "payload"] + (["previous", "hash"] if hashes_too else [])
    first, second = (Entry.objects.get(number=number) for number in (one, other))
    for entry, source in ((first, second), (second, first)):
        Entry.objects.filter(number=entry.number).update(**{name: getattr(source, name) for name in fields})
