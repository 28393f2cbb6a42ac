"""Law 9: everything that matters is in the ledger; anyone concerned can verify their entries without trusting us."""

import ast
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings

import datacoop
from datacoop.consent.actions import Wish, add_agreement, decide, note_delivered, note_objection
from datacoop.disclosure.delivered import enter_deliveries
from datacoop.disclosure.own.history import history, proof
from datacoop.disclosure.readers import Reader, reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.jobs import registry
from datacoop.jobs.actions import run_due
from datacoop.ledger import checkpoints, signing, verifying
from datacoop.ledger.models import Checkpoint, Entry, Head
from datacoop.ledger.rules import START, entry_hash
from datacoop.records.actions.closing import close_day
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import revision, take_writers_lock
from datacoop.records.actions.stating import create_record, state
from datacoop.records.models import Record, Trace
from datacoop.records.proving import NothingToProve
from datacoop.records.rules import Origin, id_of
from datacoop.records.storing import Said
from datacoop.rights.actions.claim_steps import enter
from datacoop.rights.models.claims import Claim
from tests.consent import independent

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield


def a_choir(name: str = "Chœur") -> UUID:
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
        said = [Said("name", name), Said("email", "info@choeur.example.org")]
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    decide(uid=record.uid, wish=Wish("public", True), actor="link:1", reason="", now=NOW)
    return record.uid


def a_client(name: str = "Ville") -> Reader:
    uid = add_agreement(name=name, terms="public-bodies", actor="steward:1", now=NOW)
    with reading() as connection:
        found = reader_of_agreement(connection, uid)
    assert found is not None
    return found


def fetch(reader: Reader) -> None:
    with reading() as connection:
        assert find(connection, reader, Question("organisation")).bodies


def hide(uid: UUID, prop: str = "email") -> int:
    return decide(uid=uid, wish=Wish("public", False, prop), actor="link:1", reason="", now=NOW)


def last(kind: str) -> Entry:
    found = Entry.objects.filter(kind=kind).order_by("-number").first()
    assert found is not None, kind
    return found


def holds(found: dict[str, Any]) -> bool:
    return independent.holds(found, signing.public_keys())


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def test_two_people_s_acts_look_alike_in_the_ledger() -> None:
    """The number of an account or a link would be one name for all that somebody ever did."""
    uid = a_choir()
    for actor in ("link:4711", "account:4712", "steward:2"):
        for shows in (False, True):
            decide(uid=uid, wish=Wish("public", shows, "email"), actor=actor, reason="", now=NOW)
    with transaction.atomic():
        take_writers_lock()
        enter(
            "claims.granted", Claim(pk=4713, account_id=4712, subject_uid=uid, state="granted"), NOW, actor="link:4711"
        )

    entries = list(Entry.objects.order_by("number"))
    said = json.dumps([entry.payload for entry in entries])

    assert not any(number in said for number in ("4711", "4712", "4713"))
    assert {entry.payload.get("actor") for entry in entries} >= {"link", "account", "steward:2"}
    assert last("claims.granted").payload["state"] == "granted"
    assert list(verifying.differences()) == []


class TestProofs:
    def test_of_every_sort_hold_for_an_independent_verifier(self) -> None:
        uid, other, reader = a_choir(), a_choir("Club"), a_client()
        fetch(reader)
        hide(uid)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            note_delivered(draft, record_id=id_of(uid), source_id=1, at=NOW)
            note_objection(draft, record_id=id_of(uid), source_id=1, at=NOW)
            merge(draft, loser_id=id_of(other), survivor_id=id_of(uid), reason="")
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            split(draft, loser_id=id_of(other))
        enter_deliveries(now=in_an_hour())

        events = [each for each in history(uid) if each.entry is not None]
        proofs = [proof(uid, each.entry, now=NOW) for each in events if each.entry is not None]

        whats = {each.what for each in events}
        assert {"decided", "erase", "received", "told", "objected", "merged", "split"} <= whats
        assert all(holds(each) for each in proofs)

    def test_hold_in_subtrees_among_many(self) -> None:
        uids = [a_choir(f"Chœur {n}") for n in range(21)]
        reader = a_client()
        fetch(reader)
        enter_deliveries(now=in_an_hour())
        entry = last("deliveries.made")

        assert entry.payload["leaves"] > 15
        for uid in uids:
            if any(each.entry == entry.number for each in history(uid)):
                found = proof(uid, entry.number, now=NOW)
                assert holds(found)
                assert str(uid) in json.dumps(found)
                assert not [other for other in uids if other != uid and str(other) in json.dumps(found)]

    @pytest.mark.parametrize("part", ["entry", "openings", "inclusion", "checkpoint"])
    def test_of_one_do_not_serve_another(self, part: str) -> None:
        one, other = a_choir(), a_choir("Club")
        proofs = [proof(uid, history(uid)[-1].entry or 0, now=NOW) for uid in (one, other)]
        assert all(holds(each) for each in proofs)
        if part == "checkpoint":
            close_day(now=NOW)
            proofs[1] = {**proofs[1], "checkpoint": checkpoints.latest_checkpoint().signed}  # type: ignore[union-attr]

        assert not holds({**proofs[0], part: proofs[1][part]})

    def test_are_refused_to_whoever_the_entry_is_not_about(self) -> None:
        one, other = a_choir(), a_choir("Club")
        entry = history(one)[0].entry or 0

        for uid, number in ((other, entry), (one, 10**9)):
            with pytest.raises(NothingToProve):
                proof(uid, number, now=NOW)

    def test_two_entries_about_one_record_have_nothing_in_common(self) -> None:
        uid = a_choir()
        first, second = (hide(uid), hide(uid))
        del first, second
        two = [e.payload["about"] for e in Entry.objects.filter(kind="consent.decided").order_by("-number")[:2]]
        keys = [
            o["key"] for e in Trace.objects.order_by("-entry")[:2] for o in proof(uid, e.entry, now=NOW)["openings"]
        ]  # type: ignore[attr-defined]

        assert not set(two[0]) & set(two[1])
        assert len(set(keys)) == len(keys) == 2

    def test_opening_one_entry_opens_no_other(self) -> None:
        uid = a_choir()
        hide(uid)
        hide(uid)
        numbers = sorted({t.entry for t in Trace.objects.all()})[-2:]
        one, other = (proof(uid, number, now=NOW) for number in numbers)

        other["openings"][0]["key"] = one["openings"][0]["key"]  # type: ignore[index]

        assert holds(one)
        assert not holds(other)


class TestErasure:
    def test_ends_every_link_and_leaves_the_ledger_whole(self) -> None:
        uid, reader = a_choir(), a_client()
        fetch(reader)
        enter_deliveries(now=in_an_hour())
        hide(uid)
        entries = [each.entry for each in history(uid) if each.entry]
        before = {e.number: e.hash for e in Entry.objects.order_by("number")}

        erase_subjects(subject_ids=[id_of(uid)], actor="steward:1", now=NOW, why="test")

        assert not Trace.objects.filter(record_id=id_of(uid)).exists()
        assert Record.objects.get(id=id_of(uid)).trace_key is None
        assert [e.hash for e in Entry.objects.filter(number__in=before).order_by("number")] == list(before.values())
        assert list(verifying.differences()) == []
        for number in entries:
            with pytest.raises(NothingToProve):
                proof(uid, number, now=NOW)

    def test_gives_the_erased_no_new_key_by_telling_clients(self) -> None:
        uid, reader = a_choir(), a_client()
        fetch(reader)

        erase_subjects(subject_ids=[id_of(uid)], actor="steward:1", now=NOW, why="test")

        assert "about" not in last("tombstone.issued").payload
        assert Record.objects.get(id=id_of(uid)).trace_key is None


class TestDeliveries:
    def test_are_one_entry_for_each_agreement_and_hour(self) -> None:
        a_choir(), a_choir("Club")
        readers = [a_client("Ville"), a_client("Canton")]
        for reader in readers:
            fetch(reader)

        assert enter_deliveries(now=in_an_hour()) == 2
        assert enter_deliveries(now=in_an_hour()) == 0

        found = Entry.objects.filter(kind="deliveries.made")
        assert {e.payload["agreement"] for e in found} == {r.agreement for r in readers}
        assert {e.payload["leaves"] for e in found} == {2}
        assert list(verifying.differences()) == []

    def test_of_an_hour_under_way_wait(self) -> None:
        a_choir()
        fetch(a_client())

        assert enter_deliveries(now=datetime.now(UTC)) == 0

    def test_name_nobody(self) -> None:
        uid = a_choir()
        fetch(a_client())
        enter_deliveries(now=in_an_hour())

        text = json.dumps(last("deliveries.made").payload)

        assert str(uid) not in text
        assert uid.hex not in text
        assert str(id_of(uid)) not in text

    def test_entered_later_are_those_that_came_later(self) -> None:
        a_choir()
        first, second = a_client("Ville"), a_client("Canton")
        fetch(first)
        enter_deliveries(now=in_an_hour())
        fetch(second)

        enter_deliveries(now=in_an_hour())

        assert last("deliveries.made").payload["agreement"] == second.agreement
        assert Entry.objects.filter(kind="deliveries.made").count() == 2


class TestCheckpoints:
    def test_are_taken_every_day_by_the_worker(self) -> None:
        assert registry.periodic["ledger.checkpoint"] <= 24 * 3600
        assert registry.periodic["disclosure.enter_deliveries"] <= 3600

        for day in range(3):
            run_due(NOW + timedelta(days=day))

        assert Checkpoint.objects.filter(daily=True).count() == 3

    def test_over_a_forked_chain_are_refused(self) -> None:
        a_choir()
        close_day(now=NOW)
        previous = START
        for entry in Entry.objects.order_by("number"):
            payload = {**entry.payload, "actor": "steward:9"}
            found = entry_hash(number=entry.number, at=entry.at, kind=entry.kind, payload=payload, previous=previous)
            Entry.objects.filter(pk=entry.pk).update(payload=payload, previous=previous, hash=found)
            previous = found
        Head.objects.update(hash=previous)

        with pytest.raises(checkpoints.Forked):
            close_day(now=NOW + timedelta(days=1))

    def test_kept_ones_find_what_was_rewritten_since(self) -> None:
        a_choir()
        kept = close_day(now=NOW)
        assert kept is not None
        hide(a_choir("Club"))

        assert list(verifying.since(kept.size, kept.root)) == []
        Entry.objects.filter(number=1).update(hash="0" * 64)
        assert len(list(verifying.since(kept.size, kept.root))) == 1


#: Calls that write an entry and tell of no record by `about` or a subtree: what they are about instead.
EXCEPTIONS = {
    ("clients/applying.py", "client.applied"): "a client, not a record",
    ("clients/approving.py", "?"): "a client, not a record",
    ("clients/joining.py", "client.told"): "a client, not a record",
    ("clients/suspending.py", "client.ended"): "a client, not a record",
    ("consent/actions.py", "agreement.quota"): "a client, not a record",
    ("consent/actions.py", "agreement.signed"): "a client, not a record",
    ("consent/actions.py", "agreement.suspended"): "a client, not a record",
    ("consent/joining.py", "agreement.joined"): "a client, not a record",
    ("consent/late.py", "agreement.held"): "a client, not a record",
    ("consent/late.py", "agreement.let_go"): "a client, not a record",
    ("feeds/actions.py", "?"): "a client, not a record",
    ("pipelines/closing.py", "cooperative.closed"): "the whole installation",
    ("pipelines/inviting.py", "?"): "a holder's account, not a record",
    ("consent/holding_back.py", "consent.held_back"): "the whole installation, after a restore",
    ("consent/holding_back.py", "consent.held_let_go"): "the whole installation, after a restore",
    ("disclosure/acknowledging.py", "?"): "somebody erased: nothing may lead to them any more",
    ("disclosure/actions.py", "records.revised"): "views of a contribution whose own entry holds everybody",
    ("disclosure/compile/burying.py", "?"): "somebody erased: nothing may lead to them any more",
    ("pipelines/keeping/finishing.py", "ledger.restored"): "the whole installation",
    ("pipelines/leaving.py", "holder.leaving"): "a holder; what it takes back has entries of its own",
    ("records/actions/closing.py", "?"): "the day",
    ("records/actions/erasing.py", "records.erased"): "somebody erased: nothing may lead to them any more",
    ("records/actions/revising.py", "?"): "the frame itself, which passes on what it was given",
    ("records/actions/tracing.py", "?"): "the frame itself, which writes the digests",
    ("rights/actions/agreeing.py", "contribution.agreed"): "a holder, not a record",
    ("rights/actions/agreeing.py", "contribution.left"): "a holder, not a record",
    ("rights/actions/closing.py", "?"): "the whole installation, which everybody with an account is told",
    ("rights/actions/logos.py", "logo.kept"): "a holder, not a record",
    ("rights/actions/logos.py", "logo.given_up"): "a holder, not a record",
    ("rights/actions/reporting.py", "rights.report_settled"): "a report of a stranger, whose words go with it",
    ("rights/actions/sending.py", "?"): "a batch, whose notices have entries of their own",
}


def _calls() -> Iterator[tuple[str, str, set[str]]]:
    """Every call in the code that writes an entry: file, kind where it is plain, names of what it passes."""
    root = Path(str(datacoop.__file__)).parent
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if name.startswith("ledger/") or ("enter(" not in text and "append" not in text):
            continue
        appends = "ledger.actions import append" in text
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            entered = isinstance(node.func, ast.Attribute) and node.func.attr == "enter"
            appended = isinstance(node.func, ast.Name) and node.func.id == "append" and appends
            if entered or appended:
                given = {each.arg: each.value for each in node.keywords if each.arg}
                said = node.args[0] if entered and node.args else given.get("kind")
                kind = said.value if isinstance(said, ast.Constant) else "?"
                yield name, str(kind), set(given)


def test_every_entry_about_a_record_tells_so_to_whom_it_is_about() -> None:
    bare = {(name, kind) for name, kind, given in _calls() if not given & {"about", "subtree"}}

    assert bare - EXCEPTIONS.keys() == set(), "pass `about`, or say here why not"
    assert {(name, kind) for name, kind, _ in _calls()} >= {("consent/actions.py", "consent.decided")}


def test_the_exceptions_are_still_needed() -> None:
    assert EXCEPTIONS.keys() - {(name, kind) for name, kind, _ in _calls()} == set()
