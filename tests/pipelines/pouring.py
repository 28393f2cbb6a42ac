"""Pouring small invented lists in, and looking at what came of it through the gate."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from datacoop.disclosure.actions import pending_contributions
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.feeding import changes
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Gone, Moved, Question
from datacoop.disclosure.verify import differences
from datacoop.ledger import queries as ledger
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.records.envelopes import digest
from datacoop.sources.queries import find_list, record_of_key

HOLDER = "Commune d'Exemple"
KEY = {"Clé": "id"}
Row = dict[str, str]


def club(number: int, **cells: str) -> Row:
    """One invented club; `cells` replace or add columns."""
    own = {
        "Clé": f"K{number}",
        "Nom": f"Club numéro {_word(number)}",
        "Adresse": f"Rue de l'Exemple {number}",
        "NPA": "1005",
        "Localité": "Lausanne",
        "E-mail": f"info@{_word(number)}.example.ch",
        "Téléphone": f"021 555 {number // 100:02} {number % 100:02}",
    }
    return {**own, **cells}


def clubs(count: int) -> list[Row]:
    return [club(number) for number in range(1, count + 1)]


def _word(number: int) -> str:
    syllables = ["ba", "ke", "li", "mo", "nu", "pra", "tse", "vi", "do", "gu"]
    return "".join(syllables[int(figure)] for figure in f"{number:03}").capitalize()


def write(folder: Path, rows: Sequence[Mapping[str, str]], name: str = "liste.csv") -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";", restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def take(*paths: Path, holder: str = HOLDER, mapping: Mapping[str, str | None] | None = None, **asked: Any) -> Report:
    """Import for real, as a steward would; published unless said otherwise."""
    intake = Intake(
        files=paths, holder=holder, mapping=KEY if mapping is None else mapping, **{"published": True, **asked}
    )
    return contribute(intake, actor="steward:test")


def uid_of(key: str, *, holder: str = HOLDER, kind: str = "organisation") -> UUID:
    """The record that a row became."""
    listed = find_list(holder=holder, kind=kind)
    assert listed is not None
    uid = record_of_key(listed.source_id, digest("row", key))
    assert uid is not None
    return uid


def seen(kind: str = "organisation") -> dict[str, dict[str, Any]]:
    """What the public sees: whole records by name."""
    with reading() as source:
        page = find(source, PUBLIC, Question(kind, limit=200))
        bodies = [json.loads(found.body) for b in page.bodies if (found := _get(source, kind, json.loads(b)["id"]))]
    return {str(body.get("name") or body.get("title") or body["id"]): body for body in bodies}


def _get(source: Any, kind: str, uid: str) -> Found | None:
    found = get(source, PUBLIC, kind, uid)
    return found if isinstance(found, Found) else None


def answer(uid: UUID, kind: str = "organisation") -> Found | Moved | Gone | None:
    """What the public gets for an id."""
    with reading() as source:
        return get(source, PUBLIC, kind, str(uid))


def feed() -> list[dict[str, Any]]:
    """The whole public feed."""
    with reading() as source:
        return [json.loads(item) for item in changes(source, PUBLIC, None, 1000).items]


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.endswith(("_config", "_data", "_idx", "_docsize", "_content")):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def counts(report: Report, *names: str) -> tuple[int, ...]:
    return tuple(report.counts[name] for name in names)


def verify() -> list[str]:
    """What `datacoop verify` would say."""
    waiting = pending_contributions()
    said = [f"{waiting} contributions are not compiled"] if waiting else []
    return [*said, *differences(datetime.now(UTC)), *ledger.differences()]
