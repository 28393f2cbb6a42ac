"""Law 4: who follows the feed holds, byte for byte, what the API would show, and gives up what was taken back.

The client is the reference client itself (`datacoop sync`): export and feed, whatever others do meanwhile and wherever
its machine stops.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from datacoop.api import asgi
from datacoop.cli import reference_client
from datacoop.cli.reference_client import Copy, Server
from datacoop.consent.late import hold
from datacoop.disclosure.actions import settle
from datacoop.disclosure.search import feeding
from datacoop.records.actions.erasing import erase_subjects
from tests.laws import worlds
from tests.laws.catalogue import said
from tests.laws.following import Client
from tests.laws.replaying import do, number_of, replay
from tests.laws.worlds import BASE, STEP, Op, world_of

pytestmark = pytest.mark.django_db(transaction=True)

READERS = ("public", "A", "C")
LABELS = ("o0", "o1", "o2", "a0", "n0", "p0", "r0")
_label = st.sampled_from(LABELS)
_reader = st.sampled_from(READERS)
_audience = st.sampled_from(worlds.AUDIENCES)
_organisation = st.sampled_from([label for label in LABELS if label in worlds.ORGANISATIONS])
#: What may happen: anything the laws' worlds know, withdrawals more often than by chance.
_happening = st.one_of(
    worlds.says(LABELS),
    worlds.decides(LABELS),
    st.builds(worlds.Decide, _label, _audience, st.booleans()),
    st.builds(worlds.Decide, _organisation, _audience, st.just(False), st.sampled_from(("name", "email"))),
    worlds.others(LABELS),
)
#: While a client runs: at which place in between, what.
_meanwhile = st.dictionaries(st.integers(1, 20), _happening, max_size=3)


class InStep(RuleBasedStateMachine):
    """One installation, and clients that keep copies of it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        replay(())
        self.ops: tuple[Op, ...] = ()
        self.now: datetime = BASE
        self._folder = tempfile.TemporaryDirectory()
        self.clients = {name: Client(name, Path(self._folder.name)) for name in READERS}

    @initialize(first=st.lists(worlds.says(LABELS), min_size=3, max_size=6), size=st.sampled_from((1, 2, 500)))
    def begin(self, first: list[Op], size: int) -> None:
        """Some records of a list; clients take so many changes at a time."""
        reference_client.PAGE = size
        for op in first:
            self.happen(op)

    def happen(self, op: Op) -> None:
        """Let something happen, and what has to happen before it."""
        done = len(self.ops)
        self.ops = world_of([*self.ops, op])
        for each in self.ops[done:]:
            settle(self.now)
            do(each, self.now)
            self.now += STEP + (timedelta(hours=each.hours) if isinstance(each, worlds.Wait) else timedelta())
        settle(self.now)

    @rule(op=_happening)
    def act(self, op: Op) -> None:
        self.happen(op)

    @rule(reader=_reader, meanwhile=_meanwhile)
    def run(self, reader: str, meanwhile: dict[int, Op]) -> None:
        self.clients[reader].run(self._acts(meanwhile))

    @rule(reader=_reader, meanwhile=_meanwhile, patience=st.integers(1, 60))
    def run_and_stop(self, reader: str, meanwhile: dict[int, Op], patience: int) -> None:
        self.clients[reader].run(self._acts(meanwhile), patience)

    @rule(reader=st.sampled_from(("A", "C")))
    def hold_back(self, reader: str) -> None:
        """It was late: nothing new but what is public, until it acknowledged."""
        if self.clients[reader].owes():
            with transaction.atomic():
                hold(reader, now=self.now)

    @rule(reader=_reader)
    def compare(self, reader: str) -> None:
        """When nothing happens meanwhile, one run is enough."""
        client = self.clients[reader]
        client.run({})
        assert client.kept() == client.followed.shown(), reader
        assert client.owes() == 0, reader

    def _acts(self, meanwhile: dict[int, Op]) -> dict[int, Callable[[], object]]:
        return {place: partial(self.happen, op) for place, op in meanwhile.items()}

    def teardown(self) -> None:
        """In the end each is in step, and none owes anything."""
        try:
            for reader in READERS:
                self.compare(reader)
        finally:
            for client in self.clients.values():
                client.followed.close()
            self._folder.cleanup()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of a few records has parts all the same; how many changes a client takes is put back."""
    monkeypatch.setattr(asgi, "FIRST_RECORDS", 1)
    monkeypatch.setattr(asgi, "MOST_RECORDS", 1)
    monkeypatch.setattr(reference_client, "PAGE", 500)


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        InStep,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def _story() -> None:
    """A client's life: begun while a name changes, another id, withdrawals, stops everywhere, a month away."""
    told = InStep()
    try:
        told.begin([said(label, "list:1", name=label, email=f"{label}@example.org") for label in ("o0", "o1", "o2")], 1)
        renamed = {place: said("o0", "list:1", name=f"Name {place}") for place in range(3, 9)}
        told.run("A", renamed)  # type: ignore[arg-type]
        told.compare("A")
        for shows in (False, True):
            told.happen(worlds.Decide("o1", "agreement:A", True))
            told.happen(worlds.Decide("o1", "public", shows))
            told.compare("A")
        for patience in range(1, 25):
            told.happen(worlds.Decide("o0", "public", patience % 2 == 0, "email"))
            told.run_and_stop("A", {}, patience)
            told.compare("A")
        told.happen(worlds.Decide("o1", "public", False))
        told.happen(worlds.Decide("o1", "agreement:A", False))
        told.compare("A")
        told.happen(worlds.Decide("o0", "public", False))
        told.hold_back("A")
        told.happen(worlds.Decide("o0", "agreement:A", True))
        told.run_and_stop("A", {}, 12)
        told.compare("A")
        told.happen(worlds.Merge("o2", "o0"))
        told.happen(worlds.Wait(31 * 24))
        told.happen(said("o1", "list:1", name="Nobody is shown this"))
        told.happen(worlds.Decide("o0", "public", False, "name"))
        told.compare("A")
        told.happen(worlds.Split("o2"))
        told.happen(worlds.Decide("o2", "public", True))
        told.compare("A")
        erase_subjects(subject_ids=[number_of("o2")], actor="subject", now=told.now, why="test")
        assert told.clients["A"].owes() == 1
    finally:
        told.teardown()


def test_a_client_is_in_step_all_its_life() -> None:
    _story()


def test_whoever_follows_the_feed_holds_what_the_api_shows() -> None:
    _run(12, 12)


@pytest.mark.soak
def test_whoever_follows_the_feed_for_long_holds_what_the_api_shows() -> None:
    _run(400, 30)


@pytest.mark.parametrize("overwritten", [True, False], ids=["overwritten", "only_deleted"])
def test_what_is_acknowledged_is_gone_from_the_file(
    overwritten: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the client only deletes rows the value is still in the file, and this test sees it."""
    acknowledge, left = Server.acknowledge, list[bool]()

    def looked(self: Server, tombstone: str) -> bool:
        left.append(any(b"alpha@example.org" in each.read_bytes() for each in tmp_path.iterdir()))
        return acknowledge(self, tombstone)

    if not overwritten:
        monkeypatch.setattr(reference_client, "_PRAGMAS", ("PRAGMA secure_delete = OFF",))
    monkeypatch.setattr(Server, "acknowledge", looked)
    replay(world_of([said("o0", "list:1", name="Alpha", email="alpha@example.org"), said("o1", "list:1", name="Beta")]))
    client = Client("A", tmp_path)
    client.run({})
    do(worlds.Decide("o0", "public", False), BASE + 9 * STEP)

    client.run({})

    client.followed.close()
    assert left == [not overwritten]


def _tombstones_are_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feeding, "_erasures", lambda reading, reader, rows: {})


def _only_the_newest_id_is_told(patch: pytest.MonkeyPatch) -> None:
    known = feeding._known_as
    patch.setattr(feeding, "_known_as", lambda *row: known(*row)[-1:])


def _deletions_are_not_told(patch: pytest.MonkeyPatch) -> None:
    shown = feeding._shown
    patch.setattr(feeding, "_shown", lambda *given: (f"v.state = 'l' AND {shown(*given)[0]}", shown(*given)[1]))


def _the_feed_goes_on_after_the_export(patch: pytest.MonkeyPatch) -> None:
    export, kinds = Server.export, Server.kinds

    def late(self: Server, kind: str, keep: Callable[[str], None]) -> str:
        export(self, kind, keep)
        return export(self, kind, lambda body: None)

    patch.setattr(Server, "export", late)
    # Its cursor is that of the first kind, and in the story it is organisations that change.
    patch.setattr(Server, "kinds", lambda self: sorted(kinds(self), reverse=True, key="organisations".__eq__))


def _cursor_and_rows_are_kept_apart(patch: pytest.MonkeyPatch) -> None:
    transaction = Copy.transaction

    @contextmanager
    def two(self: Copy) -> Iterator[None]:
        """The cursor first: what the page held is lost if the machine stops now."""
        held: dict[str, str] = {}
        with patch.context() as more:
            more.setattr(Copy, "apply", lambda copy, item: held.setdefault(json.dumps(item), ""))
            with transaction(self):
                yield
        with transaction(self):
            for item in held:
                self.apply(json.loads(item))

    patch.setattr(Copy, "transaction", two)


def _what_is_owed_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Copy, "owe", lambda self, item: None)


@pytest.mark.parametrize(
    "switch_off",
    [
        _tombstones_are_not_told,
        _only_the_newest_id_is_told,
        _deletions_are_not_told,
        _the_feed_goes_on_after_the_export,
        _cursor_and_rows_are_kept_apart,
        _what_is_owed_is_forgotten,
    ],
    ids=lambda each: each.__name__.strip("_"),
)
def test_notices_each_protection_that_is_switched_off(
    switch_off: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("What is switched off knows no database: noticing it on SQLite is enough.")
    switch_off(monkeypatch)

    with pytest.raises(AssertionError):
        _story()
