"""Everything that is kept is registered, told to whoever it is about, and gone when they are erased.

A canary is planted in every column that can hold one: it must stand in the package. A new column fails here first; the
message says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import Model, Q

from datacoop.disclosure.own.packing import Package, pack
from datacoop.records import withdrawals
from datacoop.records.actions.erasing import erase_subjects
from datacoop.rights.rules.registry import Table, missing, tables
from tests.laws.searching import tables as tables_there
from tests.laws.searching import tables_with
from tests.pipelines.pouring import verify
from tests.rights.whole_world import CANARIES, EMAIL, LETTER, NAME, NOW, OLD_EMAIL, PHONE, World, fill

pytestmark = pytest.mark.django_db(transaction=True)
#: By which columns a row is of somebody.
BY_NUMBER = {"record_id", "subject_id", "loser_id", "survivor_id", "first", "second"}
BY_UID, BY_ACCOUNT = {"subject_uid", "record_uid"}, {"account_id", "user_id"}
#: Codes that other code looks up: another word in them breaks reading, so what stands in them must be told instead.
CODES = {
    *("records_statement.property", "records_statement.state", "records_statement.mark", "records_record.kind"),
    *("records_statement.original", "records_statement.value", "consent_agreement.terms", "consent_decision.property"),
    *("linking_profilerow.packed", "django_session.session_data", "accounts_code.about", "accounts_code.purpose"),
    *("disclosure_entry.theme", "disclosure_entry.place", "disclosure_facet.name", "disclosure_facet.value"),
    *("disclosure_view.private", "disclosure_occurrence.theme", "disclosure_occurrence.place"),
}
#: Told for one of several by another table, or found by what it holds: a canary in its place makes it somebody else's.
FOUND_BY = {
    *("sources_sourcelist.contact", "directory_relaymessage.text", "accounts_mandate.scope", "rights_report.email"),
    "rights_contributionagreement.signatory",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    withdrawals.path().unlink(missing_ok=True)
    yield fill(tmp_path)
    withdrawals.path().unlink(missing_ok=True)


def model_of(table: str) -> type[Model] | None:
    return next((m for m in apps.get_models(include_auto_created=True) if m._meta.db_table == table), None)


def columns_of(model: type[Model]) -> dict[str, models.Field[Any, Any]]:
    return {field.column: field for field in model._meta.local_concrete_fields}


class TestTheRegister:
    @pytest.mark.parametrize("model", apps.get_models(include_auto_created=True), ids=lambda m: m._meta.db_table)
    def test_knows_every_column(self, model: type[Model]) -> None:
        assert missing(model._meta.db_table, list(columns_of(model))) == []

    def test_knows_every_table_of_the_database(self) -> None:
        """Those of the index of words, which no model describes, too."""
        there = {"disclosure_words" if t.startswith("disclosure_words") else t for t in tables_there()}
        assert there - tables().keys() - {"sqlite_sequence"} == set()
        with connection.cursor() as cursor:
            for table in tables_there():
                if table.startswith("disclosure_words"):
                    cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
                    columns = [column[0] for column in cursor.description or ()]
                    # FTS5 names the columns of its own tables c0, c1…
                    named = [c for c in columns if not c.lstrip("c").isdigit()]
                    assert missing("disclosure_words", named) == []

    def test_says_what_to_do_about_a_new_column(self) -> None:
        (said,) = missing("consent_unindexed", ["id", "record_id", "at", "begin_revision", "end_revision", "note"])
        assert "consent_unindexed.note is new" in said
        assert "telling.py" in said
        (said,) = missing("rights_secret", ["id"])
        assert "records.erasers.register" in said
        (said,) = missing("records_envelope", ["subject_id"])
        assert "take it out" in said


def text_of(packages: list[Package], table: Table) -> str:
    """What the packages tell in a table's chapter, field by field."""
    rows = [row for package in packages for row in package.chapters.get(table.chapter, ())]
    return orjson.dumps(rows, default=str).decode()


def packed(world: World) -> list[Package]:
    found = [pack(record.uid, now=NOW + timedelta(hours=1)) for record in (world.person, world.club)]
    return [each for each in found if each is not None]


def of_them(model: type[Model], world: World) -> Any:
    """The rows that are theirs; every row where none is anybody's by itself."""
    columns = columns_of(model)
    about = Q()
    for name, field in columns.items():
        if name in BY_NUMBER:
            about |= Q(**{f"{field.name}__in": world.ids})
        elif name in BY_UID:
            about |= Q(**{f"{field.name}__in": world.uids})
        elif name in BY_ACCOUNT:
            about |= Q(**{f"{field.name}__in": world.accounts})
    if model._meta.db_table == "accounts_account":
        about = Q(pk__in=world.accounts)
    return model._default_manager.filter(about)


def canary_for(field: models.Field[Any, Any], number: int) -> Any:
    """Something that can be found again, None where a column cannot hold it."""
    name = f"{field.model._meta.db_table}.{field.column}"
    if name in CODES | FOUND_BY or field.primary_key or field.is_relation:
        return None
    if isinstance(field, models.EmailField):
        return f"canari{number}@plante.example.org"
    if isinstance(field, models.CharField | models.TextField):
        short = f"q{number:03}z"
        return short if field.max_length is None or field.max_length >= len(short) else None
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 11, 20, 10, 0, number % 60, 1000 + number, tzinfo=UTC)
    return None


class TestThePackage:
    def test_tells_every_column_by_its_canary_or_by_what_stands_in_it(self, world: World) -> None:
        """What no canary can be put into (numbers, codes, sealed values) must stand there from the usual ways in."""
        lost: list[str] = []
        proven = set(_proven_by_canaries(world, lost))
        packages = packed(world)
        for table in filter(lambda each: each.is_personal, tables().values()):
            rows = [row for package in packages for row in package.chapters.get(table.chapter, ())]
            filled = {field for row in rows for field, value in row.items() if value not in (None, "", [])}
            lost += [
                f"{table.name}.{column}: the package has nothing in {table.chapter}.{field}"
                for column, field in table.told.items()
                if f"{table.name}.{column}" not in proven and field not in filled
            ]
        assert lost == [], "\n".join(lost)
        assert len(proven) > 80, "or nothing was planted"

    def test_tells_what_came_in_by_the_usual_ways(self, world: World) -> None:
        whole = orjson.dumps([each.chapters for each in packed(world)], default=str).decode()
        for canary in (NAME, EMAIL, OLD_EMAIL, PHONE[1:], LETTER, "canariremarque", "canarireponse", "canarimotif"):
            assert canary in whole or canary.replace(" ", "") in whole.replace(" ", ""), canary

    def test_tells_nothing_of_anybody_else(self, world: World) -> None:
        whole = orjson.dumps([each.chapters for each in packed(world)], default=str).decode()
        assert "a@example.org" not in whole, "who wrote about her is not hers to know"
        assert "v@example.org" in whole, "who wrote to her is"
        assert "bake" not in whole.lower()

    def test_nothing_of_it_is_left_after_an_erasure(self, world: World) -> None:
        planted = list(_plant_for_good(world))
        assert len(planted) > 20
        assert tables_with([*CANARIES, *planted])

        erase_subjects(
            subject_ids=[world.person.id, world.club.id], actor="steward:7", now=NOW + timedelta(hours=1), why="erasure"
        )

        left = [each for each in tables_with([*CANARIES, *planted]) if not each.startswith("disclosure_words_")]
        assert left == [], "\n".join(left)
        assert verify() == []
        kept = [
            table.name
            for table in tables().values()
            if table.is_personal
            and table.erased.startswith("All of it at once")
            and (model := model_of(table.name)) is not None
            and of_them(model, world).exclude(pk__in=_minimal(model)).exists()
        ]
        assert kept == [], "rows with their numbers are left"
        for uid in world.uids:
            assert [t for t in tables_with([uid.hex, str(uid)]) if not t.startswith(LEFT_WITH_UIDS)] == []


class TestSessions:
    def test_forget_whoever_is_erased_and_keep_everybody_else(self, world: World) -> None:
        store = import_module(settings.SESSION_ENGINE).SessionStore
        other = uuid4()
        visit = store()
        visit["proofs"] = {world.club.uid.hex: ["email_code", NOW.isoformat()], other.hex: ["passkey", NOW.isoformat()]}
        visit["links"] = {world.club.uid.hex: [1, NOW.isoformat()]}
        visit.save()
        untouched = store()
        untouched["proofs"] = {other.hex: ["passkey", NOW.isoformat()]}
        untouched.save()

        erase_subjects(subject_ids=[world.club.id], actor="steward:7", now=NOW, why="erasure")

        assert store(visit.session_key)["proofs"] == {other.hex: ["passkey", NOW.isoformat()]}
        assert store(visit.session_key)["links"] == {}
        assert store(untouched.session_key)["proofs"] == {other.hex: ["passkey", NOW.isoformat()]}

    def test_end_where_somebody_stands_by_what_is_known_of_them(self, world: World) -> None:
        """A sign-in under way holds the address that was typed."""
        held = [s for s in Session.objects.all() if EMAIL in str(s.get_decoded())]
        assert len(held) == 1

        erase_subjects(subject_ids=[world.person.id], actor="steward:7", now=NOW, why="erasure")

        assert not Session.objects.filter(pk=held[0].pk).exists()


#: Where the random number of an empty record may stay: so that feeds and clients learn of its deletion.
LEFT_WITH_UIDS = ("records_record.uid", "disclosure_")


def _minimal(model: type[Model]) -> list[int]:
    """The request that stays: without anybody's number."""
    if model._meta.db_table != "rights_request":
        return []
    return list(model._default_manager.filter(subject_id=None).values_list("pk", flat=True))


def _proven_by_canaries(world: World, lost: list[str]) -> Iterator[str]:
    number = 0
    for table in filter(lambda each: each.is_personal, tables().values()):
        model = model_of(table.name)
        for column in table.told if model is not None else ():
            assert model is not None
            number += 1
            field = columns_of(model)[column]
            canary = canary_for(field, number)
            if canary is not None and _told_with(world, table, model, field, canary, lost):
                yield f"{table.name}.{column}"


def _told_with(
    world: World, table: Table, model: type[Model], field: models.Field[Any, Any], canary: Any, lost: list[str]
) -> bool:
    """Plant one canary, look for it in the chapter, take it away again; False where the table does not take it."""
    try:
        with transaction.atomic():
            if not of_them(model, world).update(**{field.name: canary}):
                lost.append(f"{table.name}: this world has no row of theirs")
            text = text_of(packed(world), table)
            looked = canary if isinstance(canary, str) else str(canary.isoformat())
            if looked not in text and str(canary) not in text:
                lost.append(f"{table.name}.{field.column}: its canary is not in the chapter {table.chapter}")
            transaction.set_rollback(True)
    except (IntegrityError, DataError):
        return False
    return True


def _plant_for_good(world: World) -> Iterator[str]:
    number = 500
    for table in tables().values():
        model = model_of(table.name)
        stays = table.erased.startswith(("Nothing", "Stays", "The reason is emptied"))
        if model is None or not table.is_personal or stays or table.name == "records_record":
            continue
        for column in table.told:
            number += 1
            field = columns_of(model)[column]
            canary = canary_for(field, number)
            # Of a list its contact alone may be theirs: it is found by what it says.
            if not isinstance(canary, str) or table.name == "sources_sourcelist":
                continue
            try:
                with transaction.atomic():
                    if of_them(model, world).update(**{field.name: canary}):
                        yield canary
            except (IntegrityError, DataError):
                continue
