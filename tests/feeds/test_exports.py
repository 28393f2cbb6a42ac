"""Exports for callers that may wait: the same bytes as the API streams."""

import pytest

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.feeds.exports import export, next_batch, number_after
from datacoop.feeds.formatting import Context
from datacoop.feeds.licensing import licence, terms
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import kind
from tests.api import world
from tests.api.world import BASE_URL, Caller

ORGANISATION = kind("organisation")


@pytest.mark.parametrize("layout", formats_of(ORGANISATION), ids=lambda each: each.NAME)
def test_command_and_api_write_the_same_bytes(caller: Caller, layout, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("datacoop.feeds.exports.next_batch.__defaults__", (2,))
    world.add_choirs(5)
    context = Context(ORGANISATION, BASE_URL, licence(public=True), terms(), open_only=True)

    with reading() as r:
        written = b"".join(export(r, PUBLIC, layout, context))

    assert written == caller.get(f"/api/v1/exports/organisations.{layout.EXTENSION}").body


def test_what_is_withdrawn_meanwhile_is_not_in_later_batches(transactional_db: None) -> None:
    uids = world.add_choirs(3)
    with reading() as r:
        _, last = next_batch(r, PUBLIC, "organisation", None, 1)
        world.wish(uids[1], "public", shows=False)
        bodies, _ = next_batch(r, PUBLIC, "organisation", last, 5)

    assert [uids[2].encode() in body for body in bodies] == [True]


def test_only_ids_are_positions(transactional_db: None) -> None:
    with reading() as r:
        assert number_after(r, PUBLIC, "x") is None
        assert number_after(r, PUBLIC, "00000000-0001-4000-8000-000000000001") == 1
