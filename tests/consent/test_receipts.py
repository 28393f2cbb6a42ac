"""Receipts: complete, signed, proven; what is changed in one is found; what became of a decision is told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoop.cli.offline import reason
from datacoop.consent import receipt_checks
from datacoop.consent.actions import Wish, add_agreement, decide, decide_many
from datacoop.consent.audiences import ensure_audiences
from datacoop.consent.conditions import Conditions
from datacoop.consent.receipt_checks import faults_in, read_receipt
from datacoop.consent.receipt_form import Controller
from datacoop.consent.receipts import NoReceipt, receipt
from datacoop.consent.rules import DecisionContext
from datacoop.consent.statuses import Said, statuses
from datacoop.kinds.definition import kind
from datacoop.ledger import signing, verifying
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin, id_of
from datacoop.records.storing import Said as Value
from tests.consent import independent

NOW = datetime(2026, 11, 23, 12, 0, 5, 250, tzinfo=UTC)
COOP = Controller(
    "https://coop.example.org", "Coopérative d’essai", "Rue du Lac 1, 1003 Lausanne", "mailto:a@b.ch", "CH"
)
TOLD = DecisionContext("letter_code", "subject", "fr", "notice 3", "ab" * 32)
NAME, EMAIL = "Amélie Exemplaire", "amelie@example.org"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield


pytestmark = pytest.mark.django_db(transaction=True)


def a_person() -> UUID:
    ensure_audiences()
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        record = create_record(draft, kind="person")
        state(draft, record_id=record.id, said=[Value("name", NAME), Value("email", EMAIL)], origin=Origin.STEWARD)
    return record.uid


def say(uid: UUID, *wishes: Wish, after: int = 0, context: DecisionContext = TOLD, actor: str = "link:4") -> int:
    with revision(actor=actor, now=NOW + timedelta(hours=after), why="answer") as draft:
        decide_many(draft, wishes=[(id_of(uid), wish) for wish in wishes], reason="", context=context)
    return draft.number


def of(uid: UUID, number: int, hours: int = 100) -> str:
    return receipt(subject=uid, revision=number, controller=COOP, now=NOW + timedelta(hours=hours))


def read(token: str) -> dict[str, Any]:
    found = independent.signed(token, signing.public_keys(), "consent-receipt+jws")
    assert found is not None
    return found


def stated(token: str) -> list[list[str]]:
    processes = read(token)["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    return [[each["@type"][0].removeprefix("dpv:") for each in p["dpv:hasConsentStatus"]] for p in processes]


SHOWN, HIDDEN = Wish("public", True, "email"), Wish("public", False, "email")
BACK = Wish("public", None, "email")

#: Every mandatory field of ISO/IEC TS 27560:2023 (w3c/dpv, guide, 7.2), and where ours stands.
_RECORD, _PROCESS = "dpv:hasRecordOfActivity", "dpv:hasRecordOfActivity/dpv:hasProcess/*"
ISO_MANDATORY = {
    "schema version": ["dct:conformsTo", f"{_RECORD}/dct:conformsTo"],
    "record id": [f"{_RECORD}/dct:identifier"],
    "pii principal id": [f"{_RECORD}/dpv:hasDataSubject/@id"],
    "privacy notice": [f"{_PROCESS}/dpv:hasNotice/dct:identifier", f"{_PROCESS}/dpv:hasNotice/dc:sha256"],
    "language": [f"{_PROCESS}/dpv:hasNotice/dct:language"],
    "purpose": [f"{_PROCESS}/dpv:hasPurpose/*/@id"],
    "pii information": [f"{_PROCESS}/dpv:hasPersonalData/*/@id"],
    "pii type": [f"{_PROCESS}/dpv:hasPersonalData/*/skos:broader"],
    "pii controllers": [f"{_RECORD}/dpv:hasDataController/@id"],
    "storage locations, retention period": [f"{_PROCESS}/dpv:hasStorageCondition/*/@type"],
    "jurisdiction": [f"{_RECORD}/dpv:hasJurisdiction"],
    "recipient third parties": [f"{_PROCESS}/dpv:hasRecipient/*/@id", f"{_PROCESS}/dpv:hasRecipient/*/dpv:hasName"],
    "withdrawal method": [f"{_RECORD}/dpv:hasConsentControl/dpv:isExercisedAt"],
    "party": [
        f"{_RECORD}/dpv:hasDataController/{each}"
        for each in ("dct:identifier", "dpv:hasAddress", "dpv:hasName", "dpv:hasContact", "dc:partyType")
    ],
    "event time": [f"{_PROCESS}/dpv:hasConsentStatus/*/dpv:isIndicatedAtTime"],
    "validity duration": [f"{_PROCESS}/dpv:hasConsentStatus/*/dct:valid/dc:until"],
    "entity id": [f"{_PROCESS}/dpv:hasConsentStatus/*/dpv:isIndicatedBy"],
    "event type": [f"{_PROCESS}/dpv:hasConsentStatus/*/dpv:hasIndicationMethod"],
    "event state": [f"{_PROCESS}/dpv:hasConsentStatus/*/@type"],
}


def at(found: Any, path: str) -> list[Any]:
    """What stands at a path, under every member of a list where it says `*`."""
    if not path:
        return [found]
    step, _, rest = path.partition("/")
    if step == "*":
        assert isinstance(found, list), path
        assert found, path
        return [value for each in found for value in at(each, rest)]
    return at(found[step], rest)


class TestReceipt:
    @pytest.mark.parametrize("field", ISO_MANDATORY)
    def test_has_what_the_standard_demands(self, field: str) -> None:
        uid = a_person()
        found = read(of(uid, say(uid, SHOWN, Wish("terms:public-bodies", False, None))))

        for path in ISO_MANDATORY[field]:
            assert all(at(found, path)), path

    def test_names_the_exact_notice_that_was_shown(self) -> None:
        uid = a_person()
        (process,) = read(of(uid, say(uid, SHOWN)))[_RECORD]["dpv:hasProcess"]

        notice = process["dpv:hasNotice"]

        assert (notice["dct:identifier"], notice["dc:sha256"], notice["dct:language"]) == ("notice 3", "ab" * 32, "fr")
        assert notice["dc:shown"] is True

    def test_holds_no_name_and_no_value(self) -> None:
        uid = a_person()
        text = json.dumps(read(of(uid, say(uid, SHOWN))), ensure_ascii=False)

        assert not [word for word in (*NAME.split(), EMAIL) if word in text]

    def test_says_that_a_steward_entered_what_came_on_paper(self) -> None:
        uid = a_person()
        number = say(uid, HIDDEN, context=DecisionContext("paper", "steward"), actor="steward:3")
        (process,) = read(of(uid, number))[_RECORD]["dpv:hasProcess"]
        status = process["dpv:hasConsentStatus"][0]

        assert (status["dc:enteredBy"], status["dpv:hasIndicationMethod"]) == ("dc:Steward", "paper")

    @pytest.mark.parametrize(("method", "status"), [("", "dpv:ConsentUnknown"), ("paper", "dpv:ConsentGiven")])
    def test_never_says_the_subject_expressed_what_a_steward_entered(self, method: str, status: str) -> None:
        uid = a_person()
        number = say(uid, SHOWN, context=DecisionContext(method, "steward"), actor="steward:3")
        (process,) = read(of(uid, number))[_RECORD]["dpv:hasProcess"]
        said = process["dpv:hasConsentStatus"][0]

        assert said["@type"] == [status]
        assert (said["dpv:isIndicatedBy"], said["dc:onBehalfOf"]) == ("dc:Steward", "dpv:DataSubject")

    def test_of_one_with_an_end_says_when(self) -> None:
        uid, end = a_person(), NOW + timedelta(hours=50)
        number = say(uid, Wish("public", True, "email", until=end))

        (process,) = read(of(uid, number, 20))[_RECORD]["dpv:hasProcess"]

        assert process["dpv:hasConsentStatus"][0]["dct:valid"]["dc:until"] == "2026-11-25T14:00:05.000250Z"
        assert stated(of(uid, number, 20)) == [["ConsentGiven"]]
        assert stated(of(uid, number, 51)) == [["ConsentGiven", "ConsentExpired"]]

    def test_tells_what_became_of_it(self) -> None:
        uid = a_person()
        refused, shown = say(uid, HIDDEN), say(uid, SHOWN, after=1)
        hidden, again, back = say(uid, HIDDEN, after=2), say(uid, SHOWN, after=3), say(uid, BACK, after=4)

        assert stated(of(uid, back)) == [["ConsentWithdrawn"]]
        assert stated(of(uid, again)) == [["ConsentGiven", "ConsentWithdrawn"]]
        assert stated(of(uid, hidden))[0][0] == "ConsentWithdrawn"
        assert stated(of(uid, shown))[0][:2] == ["ConsentGiven", "ConsentWithdrawn"]
        assert stated(of(uid, refused))[0][0] == "ConsentRefused"
        assert all(faults_in(of(uid, each), signing.public_keys()) == [] for each in (refused, shown, hidden, back))

    def test_of_many_decisions_proves_each(self) -> None:
        uid = a_person()
        names = ("email", "name", "phones", "birth_date", "languages")
        kinds = [n for n in names if n in _person_properties()]
        number = say(uid, *(Wish(a, True, n) for n in kinds for a in ("public", "cooperators", "terms:commercial")))
        token = of(uid, number)

        assert faults_in(token, signing.public_keys()) == []
        (proof,) = read(token)["dc:proof"]
        assert len(proof["openings"]) == 3 * len(kinds) > 8
        assert independent.holds(proof, signing.public_keys())

    def test_is_given_of_nothing_else(self) -> None:
        uid, other = a_person(), a_person()
        number = say(uid, SHOWN)

        for subject, wanted in ((other, number), (uid, number + 1), (uuid4(), number)):
            with pytest.raises(NoReceipt):
                of(subject, wanted)

    def test_ends_with_an_erasure_that_leaves_the_ledger_whole(self) -> None:
        uid = a_person()
        number = say(uid, SHOWN)
        kept = of(uid, number)

        erase_subjects(subject_ids=[id_of(uid)], actor="steward:1", now=NOW + timedelta(days=9), why="test")

        with pytest.raises(NoReceipt):
            of(uid, number)
        assert list(verifying.differences()) == []
        assert faults_in(kept, signing.public_keys()) == []

    def test_of_a_decision_entered_by_a_command_holds(self) -> None:
        uid = a_person()
        number = decide(uid=uid, wish=HIDDEN, actor="steward:command", reason="by telephone", now=NOW)

        assert faults_in(of(uid, number), signing.public_keys()) == []


def _person_properties() -> set[str]:
    return {prop.name for prop in kind("person").properties}


class TestChecking:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
    @given(data=st.data())
    def test_finds_any_byte_that_was_changed(self, data: st.DataObject) -> None:
        token, keys = _kept()
        place = data.draw(st.integers(0, len(token) - 1))
        other = data.draw(st.integers(0, 127).filter(lambda n: chr(n) != token[place] and not chr(n).isspace()))
        changed = token[:place] + chr(other) + token[place + 1 :]

        assert faults_in(token, keys) == []
        assert faults_in(changed, keys) != []

    def test_finds_a_last_character_that_decodes_to_the_same(self) -> None:
        token, keys = _kept()

        assert all(
            faults_in(token[:-1] + each, keys)
            for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            if each != token[-1]
        )

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda r: r[_RECORD]["dpv:hasProcess"][0]["dc:decided"].update(shows=False), "not what was noted"),
            (lambda r: r[_RECORD]["dpv:hasProcess"][0]["dc:decided"].update(audience="cooperators"), "not what was"),
            (lambda r: r["dc:proof"][0]["entry"].update(at="2026-11-23T12:00:06.000250Z"), "not in the chain"),
            (lambda r: r["dc:proof"][0]["openings"][0].update(key="00" * 32), "not what the entry holds"),
            (lambda r: r["dc:proof"][0]["inclusion"].update(index=0), "another place in the chain"),
            (lambda r: r["dc:proof"][0].update(checkpoint="e30.e30.AAAA"), "signature of the checkpoint"),
            (lambda r: r["dc:proof"].clear(), "holds no proof"),
            (lambda r: r.pop("dc:proof"), "not a whole receipt"),
            (
                lambda r: r[_RECORD]["dpv:hasProcess"][0]["dpv:hasConsentStatus"][0].update(
                    {"dpv:isIndicatedAtTime": "2020-01-01T00:00:00.000000Z"}
                ),
                "at another time",
            ),
        ],
    )  # fmt: skip
    def test_finds_what_we_ourselves_would_sign_untruly(self, change: Any, said: str) -> None:
        """The signature fits; what it signs does not fit the chain."""
        uid = a_person()
        found = read_receipt(of(uid, say(uid, SHOWN)), signing.public_keys())
        change(found)

        faults = faults_in(signing.sign(json.dumps(found).encode(), typ=receipt_checks.TYPE), signing.public_keys())

        assert any(said in reason("en", each) for each in faults), faults

    def test_takes_no_other_signed_thing_for_a_receipt(self) -> None:
        token, keys = _kept()
        checkpoint = read_receipt(token, keys)["dc:proof"][0]["checkpoint"]

        assert [each.key for each in faults_in(checkpoint, keys)] == ["signed_otherwise"]


_remembered: list[tuple[str, dict[str, Any]]] = []


def _kept() -> tuple[str, dict[str, Any]]:
    """One receipt, made once, and the key it was signed with: checking needs nothing else."""
    if not _remembered:
        uid = a_person()
        _remembered.append((of(uid, say(uid, SHOWN)), signing.public_keys()))
    return _remembered[0]


class TestStatuses:
    def test_fall_back_on_what_was_said_before_an_end(self) -> None:
        def hour(n: int) -> datetime:
            return NOW + timedelta(hours=n)

        said = [Said(1, hour(0), True), Said(2, hour(1), False, hour(5)), Said(3, hour(2), False, hour(3))]

        found = [(s.status, s.at) for s in statuses(said, now=hour(9))]

        assert found == [
            ("ConsentGiven", hour(0)),
            ("ConsentWithdrawn", hour(1)),
            ("ConsentRefused", hour(2)),
            ("ConsentRefused", hour(3)),
            ("RenewedConsentGiven", hour(5)),
        ]


class TestClients:
    def test_a_receipt_tells_what_the_client_signed_and_in_which_country_it_keeps_it(self) -> None:
        person = a_person()
        signed = Conditions(country="FR", purposes=("statistics",), retention_days=30, hours_to_erase=48)
        client = add_agreement(
            name="Institut d'Exemple", terms="public-bodies", actor="steward:1", now=NOW, conditions=signed
        )
        number = say(person, Wish(f"agreement:{client}", shows=True, property="email"))

        told = read(of(person, number))["dpv:hasRecordOfActivity"]["dpv:hasProcess"][0]

        assert told["dpv:hasRecipient"][0]["dpv:hasLocation"] == "loc:FR"
        assert [each["@id"] for each in told["dpv:hasPurpose"]] == ["dc:purpose/statistics"]
        durations = [each["dpv:hasDuration"] for each in told["dpv:hasStorageCondition"] if "dpv:hasDuration" in each]
        assert durations == ["P30D", "PT48H"]

    def test_a_client_that_nobody_asked_is_where_the_cooperative_is(self) -> None:
        person = a_person()
        client = add_agreement(name="Ville d'Exemple", terms="public-bodies", actor="steward:1", now=NOW)
        number = say(person, Wish(f"agreement:{client}", shows=True, property="email"))

        told = read(of(person, number))["dpv:hasRecordOfActivity"]["dpv:hasProcess"][0]

        assert told["dpv:hasRecipient"][0]["dpv:hasLocation"] == f"loc:{COOP.country}"
