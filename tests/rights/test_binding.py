"""What a subject said against all of itself binds what is about it and comes later, until it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings

from datacoop.accounts.proofs import LETTER_CODE
from datacoop.charter.queries import current
from datacoop.consent.actions import Wish, decide
from datacoop.consent.models import Decision, Restriction, Withholding
from datacoop.consent.receipts import decided_by_revision
from datacoop.consent.replaying import replay as withdraw_again
from datacoop.disclosure.actions import settle
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own.history import history, proof
from datacoop.disclosure.own.telling import OwnRecord, own_records
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.disclosure.verify import differences
from datacoop.linking.actions import judge
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.records import withdrawals
from datacoop.records.models import Record, Source, Statement
from datacoop.records.rules import id_of
from datacoop.rights.actions.answering import Answerer, answer, object_to
from datacoop.rights.actions.confirming import withdraw_all
from datacoop.rights.actions.requesting import ask as ask_for
from datacoop.rights.actions.requesting import lift
from datacoop.rights.queries.foreseeing import asked_of
from datacoop.rights.rules.answers import EVERYBODY, LESS, MANDATE, NOTHING, PROPOSED, Field, Meaning, chosen, of_fields

pytestmark = pytest.mark.django_db(transaction=True)
ORGANISATIONS, ACTIVITIES = "Numéro;Nom;Thème;NPA;Localité;E-mail", "id;titre;organisateur;début"
CHOIR = "1;Chœur de la Clairière;culture/chant;1005;Lausanne;info@clairiere.example.org"
BAKERS = "2;Les Amis du Four;quartier/vie;1020;Renens VD;four@amis-du-four.example.org"
CONCERT, BALL, BREAD = "a1;Concert;1;2040-05-05T20:00", "a2;Bal;1;2040-06-05T20:00", "b1;Fournée;2;2040-07-05T10:00"


def bring(folder: Path, rows: list[str], kind: str = "activity", holder: str = "Registre") -> None:
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    header = ACTIVITIES if kind == "activity" else ORGANISATIONS
    file.write_text("\n".join([header, *rows]), encoding="utf-8")
    page = "https://liste.example.org"
    contribute(Intake((file,), holder, kind=kind, published=True, page=page, accept_unlike=True), actor="steward:1")
    settle(datetime.now(UTC))


def shown(kind: str = "activity") -> list[bytes]:
    return list(ask(lambda r: find(r, PUBLIC, Question(kind)).bodies, now=datetime.now(UTC)))


def named(name: str) -> UUID:
    said = Statement.objects.filter(property="name", value=f'"{name}"').order_by("id")[0]
    return Record.objects.get(id=said.record_id).uid


def holds() -> bool:
    """Whether what stands is what follows from what was said and decided."""
    return not list(differences(datetime.now(UTC)))


@pytest.fixture
def folder(transactional_db: None, tmp_path: Path) -> Path:
    """Two associations of one list, and a concert of the first."""
    bring(tmp_path, [CHOIR, BAKERS], "organisation")
    bring(tmp_path, [CONCERT])
    assert len(shown()) == 1
    return tmp_path


@pytest.mark.parametrize("right", ["restrict", "object"])
def test_what_a_list_names_later_is_shown_as_little_until_it_is_lifted(folder: Path, right: str) -> None:
    choir, now = named("Chœur de la Clairière"), datetime.now(UTC)
    ask_for(by=Answerer(choir, "link:1"), kind=right, now=now)

    bring(folder, [CONCERT, BALL, BREAD])

    assert [b"Fourn" in each for each in shown()] == [True]
    assert holds()
    lift(by=Answerer(choir, "link:1", LETTER_CODE), now=now)
    assert b"Bal" in b"".join(shown()) if right == "restrict" else len(shown()) == 1
    assert holds()


def test_what_a_holder_names_later_is_not_shown_after_an_objection_to_it(folder: Path) -> None:
    choir, now = named("Chœur de la Clairière"), datetime.now(UTC)
    lists = list(Source.objects.filter(kind="organisation").values_list("id", flat=True))
    object_to(by=Answerer(choir, "link:1"), sources=lists, now=now)

    bring(folder, [CONCERT, BALL, BREAD])

    assert [b"Fourn" in each for each in shown()] == [True]
    assert holds()


def test_it_follows_a_merge_and_a_split(folder: Path) -> None:
    """Also where the other one was hidden by itself, so that the merge changes nothing of whether it is there."""
    choir, bakers, now = named("Chœur de la Clairière"), named("Les Amis du Four"), datetime.now(UTC)
    bring(folder, [CONCERT, BREAD])
    decide(uid=bakers, wish=Wish("public", False), actor="link:2", reason="", now=now)
    ask_for(by=Answerer(choir, "link:1"), kind="restrict", now=now)
    assert [b"Fourn" in each for each in shown()] == [True]

    judge(first=choir, second=bakers, verdict="same", actor="steward:1", now=now)
    assert (shown(), holds()) == ([], True)

    judge(first=choir, second=bakers, verdict="different", actor="steward:1", now=now)
    assert [b"Fourn" in each for each in shown()] == [True]
    assert holds()


def test_a_link_that_concerns_some_lists_binds_nothing_of_others(folder: Path) -> None:
    choir, now = named("Chœur de la Clairière"), datetime.now(UTC)
    organisations = frozenset(Source.objects.filter(kind="organisation").values_list("id", flat=True))
    ask_for(by=Answerer(choir, "link:1", sources=organisations), kind="restrict", now=now)
    bring(folder, [CONCERT, BALL])
    assert len(shown()) == 2

    ask_for(by=Answerer(choir, "link:1"), kind="restrict", now=now)
    bring(folder, [CONCERT, BALL, "a3;Thé;1;2040-08-05T20:00"])

    assert (shown(), holds()) == ([], True)


def test_a_restored_backup_binds_what_comes_later_too(folder: Path) -> None:
    choir, now = named("Chœur de la Clairière"), datetime.now(UTC)
    with override_settings(DATACOOP_DATA_DIR=folder):
        ask_for(by=Answerer(choir, "link:1"), kind="restrict", now=now)
        log = list(withdrawals.lines(withdrawals.path().read_bytes()))
        Restriction.objects.all().delete()  # as in a backup from before

        withdraw_again(log, now=now)
        bring(folder, [CONCERT, BALL])

    assert (shown(), holds()) == ([], True)


TEA = "a3;Thé;1;2040-08-05T20:00"
LINK, ACCOUNT = None, MANDATE


def records_of(subject: UUID, sources: frozenset[int] | None = None) -> list[OwnRecord]:
    return own_records(subject, now=datetime.now(UTC), sources=sources)


def decide_as(subject: UUID, meaning: Meaning, proof: str | None = ACCOUNT, **by: Any) -> None:
    answer(by=Answerer(subject, "link:1", proof, **by), meaning=meaning, seen=None, now=datetime.now(UTC))


def choose(subject: UUID, choice: str, proof: str | None = ACCOUNT, sources: frozenset[int] | None = None) -> None:
    meaning = chosen(choice, asked_of(records_of(subject, sources)), current("choices").text)
    decide_as(subject, meaning, proof, sources=sources)


def titles(*words: bytes) -> list[bytes]:
    return [word for word in words if any(word in each for each in shown())]


class TestShowNothing:
    @pytest.mark.parametrize("wider", [PROPOSED, LESS])
    def test_binds_what_a_list_names_later_until_a_wider_answer(self, folder: Path, wider: str) -> None:
        choir = named("Chœur de la Clairière")
        choose(choir, NOTHING, LINK)

        bring(folder, [CONCERT, BALL, BREAD])
        assert (titles(b"Concert", b"Bal", b"Fourn"), holds()) == ([b"Fourn"], True)

        choose(choir, wider)
        bring(folder, [CONCERT, BALL, BREAD, TEA])
        assert (titles(b"Concert", b"Bal", b"Fourn", "Thé".encode()), holds()) == (
            [b"Concert", b"Bal", b"Fourn", "Thé".encode()],
            True,
        )

    def test_of_the_yearly_question_binds_what_comes_later(self, folder: Path) -> None:
        withdraw_all(by=Answerer(named("Chœur de la Clairière"), "link:1"), now=datetime.now(UTC))
        bring(folder, [CONCERT, BALL])
        assert (shown(), holds()) == ([], True)

    def test_is_told_of_what_came_later_as_the_subjects_own_word(self, folder: Path) -> None:
        choir = named("Chœur de la Clairière")
        choose(choir, NOTHING, LINK)
        bring(folder, [CONCERT, BALL])
        later = records_of(choir)[-1]
        assert ("public", "", False) in later.standing
        assert {sight.why for sights in later.sights.values() for sight in sights} == {"word"}

    def test_of_one_that_came_later_and_is_opened_by_itself_binds_the_others(self, folder: Path) -> None:
        choir = named("Chœur de la Clairière")
        choose(choir, NOTHING, LINK)
        bring(folder, [CONCERT, BALL, TEA])
        ball = next(each for each in records_of(choir) if each.uid == named_in("title", "Bal"))
        asked = asked_of(records_of(choir))

        decide_as(choir, of_fields([Field(ball.id, "title", EVERYBODY)], asked, ["public"]))
        bring(folder, [CONCERT, BALL, TEA, "a4;Loto;1;2040-09-05T20:00"])

        assert (titles(b"Concert", b"Bal", "Thé".encode(), b"Loto"), holds()) == ([b"Bal"], True)
        assert b"2040" not in b"".join(shown())

    def test_is_no_word_of_the_answer_that_then_opens_one_of_them(self, folder: Path) -> None:
        choir = named("Chœur de la Clairière")
        choose(choir, NOTHING, LINK)
        bring(folder, [CONCERT, BALL])
        ball = named_in("title", "Bal")
        fields = [Field(id_of(ball), "title", EVERYBODY)]

        decide_as(choir, of_fields(fields, asked_of(records_of(choir)), ["public"]))

        (decided,) = decided_by_revision([id_of(ball)]).values()
        assert ("activity", "title", "public", True, None) in decided.words
        assert "" not in {name for _, name, _, _, _ in decided.words}
        told = {each.what for each in history(choir)}
        assert "withheld" in told
        assert "noted" not in told
        for entry in {each.entry for each in history(choir) if each.entry is not None and each.what == "decided"}:
            assert proof(choir, entry, now=datetime.now(UTC))

    def test_ends_for_what_comes_later_where_the_subject_itself_is_opened(self, folder: Path) -> None:
        """What is there, and was not looked at, stays as little shown as it was."""
        choir = named("Chœur de la Clairière")
        choose(choir, NOTHING, LINK)
        bring(folder, [CONCERT, BALL])
        fields = [Field(id_of(choir), "name", EVERYBODY)]

        decide_as(choir, of_fields(fields, asked_of(records_of(choir)), ["public"]))
        bring(folder, [CONCERT, BALL, TEA])

        assert (titles(b"Concert", b"Bal", "Thé".encode()), holds()) == (["Thé".encode()], True)

    def test_by_a_link_that_concerns_some_lists_binds_what_these_name_later(self, folder: Path) -> None:
        choir = named("Chœur de la Clairière")
        register, fair = lists("organisation"), lists("activity")
        choose(choir, NOTHING, LINK, register)
        bring(folder, [CONCERT, BALL])
        assert (titles(b"Concert", b"Bal"), holds()) == ([b"Concert", b"Bal"], True)

        choose(choir, NOTHING, LINK, fair)
        bring(folder, [CONCERT, BALL, TEA])
        assert (shown(), holds()) == ([], True)

    def test_binds_what_was_one_with_the_subject(self, folder: Path) -> None:
        choir, bakers = named("Chœur de la Clairière"), named("Les Amis du Four")
        choose(choir, NOTHING, LINK)
        now = datetime.now(UTC)
        judge(first=choir, second=bakers, verdict="same", actor="steward:1", now=now)
        bring(folder, [CONCERT, BREAD])
        assert (shown(), holds()) == ([], True)

        judge(first=choir, second=bakers, verdict="different", actor="steward:1", now=datetime.now(UTC))
        assert (titles(b"Concert", b"Fourn"), holds()) == ([b"Fourn"], True)

    def test_binds_what_comes_later_when_an_older_backup_is_restored(self, folder: Path) -> None:
        choir, now = named("Chœur de la Clairière"), datetime.now(UTC)
        with override_settings(DATACOOP_DATA_DIR=folder):
            choose(choir, NOTHING, LINK)
            log = list(withdrawals.lines(withdrawals.path().read_bytes()))
            Withholding.objects.all().delete()  # as in a backup from before
            Decision.objects.all().delete()

            withdraw_again(log, now=now)
            bring(folder, [CONCERT, BALL])

        assert (shown(), holds()) == ([], True)


def lists(kind: str) -> frozenset[int]:
    return frozenset(Source.objects.filter(kind=kind).values_list("id", flat=True))


def named_in(name: str, value: str) -> UUID:
    return Record.objects.get(id=Statement.objects.get(property=name, value=f'"{value}"').record_id).uid
