"""How a decision was given is kept with it; what no receipt could say is refused."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from datacoop.accounts import proofs
from datacoop.consent.actions import Wish, decide, decide_in, decide_many
from datacoop.consent.models import Decision
from datacoop.consent.rules import METHODS, DecisionContext
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin, id_of
from datacoop.records.storing import Said

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOLD = DecisionContext(
    method="letter_code", capacity="subject", language="fr", notice_version="notice.1", notice_sha256="ab" * 32
)
HIDDEN = Wish("public", shows=False, property="email")


def an_organisation() -> UUID:
    with revision(actor="steward:test", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
        said = [Said("name", "Chœur"), Said("email", "info@choeur.example.org")]
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    return record.uid


def _kept(found: Decision) -> DecisionContext:
    return DecisionContext(found.method, found.capacity, found.language, found.notice_version, found.notice_sha256)


@pytest.mark.django_db(transaction=True)
class TestDecide:
    def test_keeps_how_it_was_given(self) -> None:
        uid = an_organisation()

        decide(uid=uid, wish=HIDDEN, actor="link", reason="", now=NOW, context=TOLD)

        assert _kept(Decision.objects.get()) == TOLD

    def test_keeps_nothing_where_nobody_said(self) -> None:
        uid = an_organisation()

        decide(uid=uid, wish=HIDDEN, actor="steward", reason="by telephone", now=NOW)

        assert _kept(Decision.objects.get()) == DecisionContext()

    def test_returns_the_number_of_the_decision(self) -> None:
        uid = an_organisation()

        with revision(actor="link", now=NOW, why="decision") as draft:
            number = decide_in(draft, uid=uid, wish=HIDDEN, reason="")

        assert Decision.objects.get().pk == number


@pytest.mark.django_db(transaction=True)
class TestDecideMany:
    def test_keeps_how_all_were_given(self) -> None:
        uids = [an_organisation(), an_organisation()]

        with revision(actor="link", now=NOW, why="decisions") as draft:
            decide_many(draft, wishes=[(id_of(uid), HIDDEN) for uid in uids], reason="", context=TOLD)

        assert [_kept(found) for found in Decision.objects.all()] == [TOLD, TOLD]


class TestDecisionContext:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"method": "rumour"},
            {"capacity": "neighbour"},
            {"language": "French"},
            {"notice_sha256": "ab"},
            {"notice_version": "x" * 61},
        ],
    )
    def test_refuses_what_no_receipt_could_say(self, wrong: dict[str, str]) -> None:
        with pytest.raises(ValueError):
            DecisionContext(**wrong)


def test_the_methods_proven_in_a_session_are_ways_of_deciding() -> None:
    assert set(proofs.METHODS) <= set(METHODS)
