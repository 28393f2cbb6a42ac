"""Lists poured in as the pipeline does it: staged, linked, accepted, compiled. Invented organisations only."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from datacoop.disclosure.actions import finish_contributions
from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.linking.actions import Linker
from datacoop.linking.offering import Offered
from datacoop.linking.planning import Joining
from datacoop.records.actions.publishing import Attestation, add_source, attest
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import (
    StagedRow,
    abandon,
    accept,
    open_staging,
    stage,
    stage_merge,
    stage_vanished,
)
from datacoop.records.actions.stating import Said
from datacoop.records.queries import uids_of

KIND = "organisation"
MANY = {"alternate_names", "phones", "identifiers", "addresses"}


def now() -> datetime:
    return datetime.now(UTC)


def organisation(name: str, **values: Any) -> dict[str, list[Any]]:
    """The values of an organisation in Lausanne, by property, as lists."""
    place = {"city": "Lausanne", "postal_code": "1003", "country": "CH"}
    found: dict[str, Any] = {"name": name, "addresses": place, **values}
    return {key: value if isinstance(value, list) else [value] for key, value in found.items() if value}


@dataclass
class Listing:
    """One list of a holder, and the records its rows became."""

    holder: str
    published: bool = True
    records: dict[str, int] = field(default_factory=dict)
    source_id: int = 0

    def __post_init__(self) -> None:
        self.source_id = add_source(holder_uid=uuid.uuid4(), holder=self.holder, name="list", kind=KIND)
        if self.published:
            attest(self.source_id, Attestation("https://example.org/list", None, "holder:1", now()))

    def pour(self, rows: Mapping[str, Mapping[str, Sequence[Any]]], *, accepted: bool = True) -> list[Joining]:
        """Import rows by key; keys poured before are changed rows, keys missing now stay as they are."""
        with self.open(rows) as matches:
            pass
        if accepted:
            self.accept()
        return matches

    def vanish(self, keys: Sequence[str]) -> None:
        """Import a list in which these rows are gone."""
        self.staging = open_staging(source_id=self.source_id, now=now())
        self.linker = Linker(source_id=self.source_id, number=self.staging.number, kind=KIND, now=now())
        gone = [self.records[key] for key in keys]
        stage_vanished(self.staging, record_ids=gone)
        self.linker.withdraw(gone)
        self.accept()

    @contextmanager
    def open(self, rows: Mapping[str, Mapping[str, Sequence[Any]]]) -> Iterator[list[Joining]]:
        self.staging = open_staging(source_id=self.source_id, now=now())
        self.linker = Linker(source_id=self.source_id, number=self.staging.number, kind=KIND, now=now())
        matches: list[Joining] = []
        keys = list(rows)
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            staged = [StagedRow(self.records.get(key), _said(rows[key])) for key in part]
            ids = stage(self.staging, kind=KIND, rows=staged)
            self.records.update(zip(part, ids, strict=True))
            offered = [Offered(i, rows[key], {}, self.published) for key, i in zip(part, ids, strict=True)]
            self.linker.offer(offered)
        matches += self.linker.settle()
        for match in matches:
            stage_merge(
                self.staging,
                loser_id=match.loser,
                survivor_id=match.survivor,
                actor="linking",
                reason=",".join(match.codes),
            )
        yield matches

    def accept(self) -> None:
        with revision(actor="steward:1", now=now(), why="contribution") as draft:
            accept(draft, self.staging)
        finish_contributions(now())
        self.linker.finish(now=now())

    def abandon(self) -> None:
        abandon(self.staging)
        self.linker.abandon()

    def uid(self, key: str) -> uuid.UUID:
        return uids_of([self.records[key]])[self.records[key]]


def _said(values: Mapping[str, Sequence[Any]]) -> list[Said]:
    return [
        Said(name, value, position=position)
        for name, found in values.items()
        for position, value in enumerate(found if name in MANY else found[:1])
    ]


def shown(listing: Listing, key: str) -> dict[str, Any] | None:
    """What the public sees of a row's record, the moment of its last change left out."""
    found = ask(lambda source: get(source, PUBLIC, KIND, str(listing.uid(key))), now=now())
    return {**orjson.loads(found.body), "modified": None} if isinstance(found, Found) else None
