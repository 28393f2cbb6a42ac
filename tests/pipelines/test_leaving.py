"""A holder leaves: its lists go whole, what others said stays, and it takes along what is its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from datacoop.accounts.actions import ClientRefused, issue_token
from datacoop.accounts.holding import give_key, holder_of_token
from datacoop.disclosure.models import Tombstone
from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.ledger.models import Entry
from datacoop.lib.workbooks import book
from datacoop.pipelines import leaving
from datacoop.pipelines.correcting import Typed, correct
from datacoop.pipelines.leaving import NothingToLeave, leave, look
from datacoop.records.envelopes import digest
from datacoop.records.models import Source, Statement
from datacoop.rights.actions.objecting import Telling, tell_holders
from datacoop.rights.queries.agreements import has_agreement
from datacoop.sources.actions import Named, ensure_list
from datacoop.sources.describing import describe, described, described_with
from datacoop.sources.models import KeptRow
from datacoop.sources.owning import HolderFacts, find_holder_named
from datacoop.sources.queries import lists_of_holder, record_of_key
from datacoop.sources.reaching import Reach
from tests.laws.city import City
from tests.laws.conftest import caller, city
from tests.pipelines.pouring import HOLDER, KEY, club, clubs, seen, take, verify, write
from tests.pipelines.test_passing import by
from tests.portal.sitting import registered

__all__ = ["caller", "city"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]
OTHER = "Paroisse d'Exemple"
NOW = datetime.now(UTC)
OWN = {**KEY, "Notre cote": "@own"}


def holder() -> HolderFacts:
    found = find_holder_named(HOLDER)
    assert found is not None
    return found


def go() -> leaving.Left:
    return leave(holder=holder().uid, actor="account:1")


def two_lists(path: Path) -> None:
    """Three clubs and, in another list, two more, one of which the parish names too."""
    rows = [{**each, "Notre cote": f"cote {number}"} for number, each in enumerate(clubs(3))]
    take(write(path, rows, "a.csv"), source="Membres", mapping=OWN)
    take(write(path, [club(4), club(5)], "b.csv"), source="Amis")
    take(write(path, [club(5), club(6)], "c.csv"), holder=OTHER)


def own_word(key: str, **said: Any) -> None:
    """A club corrects what is said of it, and lets the holder know."""
    uid = uid_of_list(key)
    record = Statement.objects.filter(record__uid=uid)[0].record
    cells = {"name": str(said.get("name", "")), **said}
    correct(by=by(uid), record=record.id, typed=Typed(cells, frozenset(said)), now=NOW)
    telling = Telling(record.id, frozenset(), frozenset({holder().uid}), frozenset(said))
    tell_holders(by=by(uid), telling=telling, now=NOW)


def uid_of_list(key: str) -> Any:
    found = [record_of_key(each.source_id, digest("row", key)) for each in lists_of_holder(HOLDER)]
    return next(each for each in found if each)


def test_every_list_is_taken_back_and_nobody_elses(tmp_path: Path) -> None:
    two_lists(tmp_path)
    assert len(seen()) == 6

    left = go()

    assert left.rows == {"Membres": 3, "Amis": 2}
    assert set(seen()) == {club(5)["Nom"], club(6)["Nom"]}
    assert {each["holder"] for item in seen().values() for each in item["sources"]} == {OTHER}
    assert not Statement.objects.filter(source__holder=HOLDER, end_contribution__isnull=True).exists()
    assert not Source.objects.filter(holder=HOLDER, published=True).exists()
    assert verify() == []
    assert Entry.objects.filter(kind="holder.leaving").count() == 1


def test_the_words_of_those_named_stay(tmp_path: Path) -> None:
    two_lists(tmp_path)
    own_word("K1", name="Club rebaptisé", website="https://club.example.org/")

    go()

    said = Statement.objects.filter(record__uid=uid_of_list("K1"), end_revision__isnull=True, source__isnull=True)
    assert {each.property for each in said} == {"name", "website"}
    assert verify() == []


def test_whoever_received_something_must_erase_it(tmp_path: Path, city: City) -> None:
    two_lists(tmp_path)
    city.get("exports/organisations.ndjson")

    go()

    assert Tombstone.objects.filter(deletion=True).count() == 4
    owed = city.owed()
    assert len(owed) >= 4
    assert city.says([each["tombstone"] for each in owed]).status_code == 204


def test_takes_along_its_own_columns_with_the_corrections_passed_on(tmp_path: Path) -> None:
    two_lists(tmp_path)
    own_word("K2", name="Club corrigé")

    standing = {each.own.name: each for each in look(holder())}
    path = tmp_path / "emporte.xlsx"
    path.write_bytes(book([each.sheet(language="fr") for each in standing.values()]))

    sheet = openpyxl.load_workbook(path)["Membres"]
    header, *lines = sheet.values
    rows = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    assert set(rows) == {"K1", "K2", "K3"}
    assert set(header) == {"Clé", "Nom", "Adresse", "NPA", "Localité", "E-mail", "Téléphone", "Notre cote"}
    first = club(1)
    first |= {"E-mail": first["E-mail"].lower(), "Téléphone": "+41 21 555 00 01", "Notre cote": "cote 0"}
    assert rows["K1"] == first
    assert rows["K2"]["Nom"] == "Club corrigé"
    assert (standing["Membres"].rows, standing["Membres"].corrected, standing["Amis"].corrected) == (3, 1, 0)
    (marked,) = [cell for row in sheet.iter_rows() for cell in row if cell.comment]
    assert marked.comment.text == club(2)["Nom"]


def test_nothing_is_kept_for_it_and_nothing_is_fetched(tmp_path: Path) -> None:
    two_lists(tmp_path)
    bare = ensure_list(named=Named(HOLDER, "organisation", "Jamais lue"), now=NOW).source_id
    for number in (bare, Source.objects.get(name="Membres").id):
        facts = described(number, now=NOW).description
        wished = described_with(facts, {"address": "https://lists.example.org/l.csv", "pull_hours": 24})
        describe(number, wished, now=NOW, reach=Reach())
    assert KeptRow.objects.exists()

    go()

    assert not KeptRow.objects.exists()
    assert described(bare, now=NOW).description.address == ""
    assert described(Source.objects.get(name="Membres").id, now=NOW).description.pull_hours is None


def test_what_it_signed_ends(tmp_path: Path) -> None:
    registered(HOLDER)
    two_lists(tmp_path)

    go()

    assert not has_agreement(holder().uid)


def test_who_has_left_is_told_so(tmp_path: Path) -> None:
    two_lists(tmp_path)
    go()

    with pytest.raises(NothingToLeave):
        go()
    assert Entry.objects.filter(kind="holder.leaving").count() == 1


@pytest.mark.parametrize("stopped_at", [0, 1])
def test_where_a_process_is_stopped_a_job_goes_on(
    tmp_path: Path, stopped_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before the first list, or between two: each goes whole, and none is forgotten."""
    two_lists(tmp_path)
    _stop_at(stopped_at, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        go()
    monkeypatch.undo()
    assert len(seen()) == 6 - stopped_at
    assert verify() == []

    run_due(datetime.now(UTC) + timedelta(minutes=16))

    assert set(seen()) == {club(5)["Nom"], club(6)["Nom"]}
    assert not KeptRow.objects.exists()
    assert not Job.objects.filter(name=leaving.FINISH).exists()
    assert verify() == []


def _stop_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[..., Any] = leaving.contribute
    done: list[object] = []

    def stopping(*args: Any, **asked: Any) -> Any:
        if len(done) == number:
            raise KeyboardInterrupt
        done.append(None)
        return whole(*args, **asked)

    monkeypatch.setattr(leaving, "contribute", stopping)


def test_its_program_sends_nothing_any_more_not_even_once_it_is_back(tmp_path: Path) -> None:
    registered(HOLDER)
    two_lists(tmp_path)
    client_id, secret = give_key(holder=holder().uid, now=NOW)
    token, _ = issue_token(client_id=client_id, client_secret=secret, now=NOW)

    go()

    registered(HOLDER)
    assert holder_of_token(token, now=datetime.now(UTC)) is None
    with pytest.raises(ClientRefused):
        issue_token(client_id=client_id, client_secret=secret, now=datetime.now(UTC))
