"""A holder and its lists: what a holder's own pages begin with. Names and columns, no values."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from datacoop.kinds.definition import kind as kind_named
from datacoop.records.envelopes import digest
from datacoop.records.queries import accepted_numbers, source_facts
from datacoop.records.rules import SourceFacts
from datacoop.sources.actions import ACCEPTED, UNCHANGED
from datacoop.sources.mapping import ID, OWN, REPORTED_ID
from datacoop.sources.models import Contribution, Holder, SourceList
from datacoop.sources.queries import present_records

#: Letters of the name under which a list is found in an address: keyed, so that it tells no order of arrival.
_KEY_LETTERS = 16
#: In so many of the last deliveries the order of a list's columns is looked up.
_DELIVERIES = 20


@dataclass(frozen=True)
class HolderFacts:
    """Who keeps lists."""

    uid: uuid.UUID
    name: str


@dataclass(frozen=True)
class OwnList:
    """One list of a holder that was accepted at least once.

    `mapping`: its columns and what they become; `columns`: those of the last file that became something, in the order
    of the kind's properties; `published`: its holder attested that it is.
    """

    source_id: int
    key: str
    name: str
    kind: str
    mapping: Mapping[str, str | None]
    columns: tuple[str, ...]
    published: bool
    last_at: datetime

    @property
    def key_columns(self) -> list[str]:
        """The columns that the holder knows its rows by."""
        return sorted(column for column, target in self.mapping.items() if target in {ID, REPORTED_ID})

    @property
    def name_column(self) -> str:
        """The column with the names of its rows, empty where the list has none."""
        name = kind_named(self.kind).slots["name"].name
        return next((column for column in self.columns if self.mapping[column] == name), "")


def own_columns_of(own: OwnList) -> list[str]:
    """Return the columns that are kept for the holder alone, as they stood in the last file, then those of older ones.

    A mapping does not keep the order of its columns on every database; the report of a delivery does.
    """
    kept = Contribution.objects.filter(source_id=own.source_id, state__in=(ACCEPTED, UNCHANGED)).order_by("-id")
    orders = [report.get("own_columns", []) for report in kept.values_list("report", flat=True)[:_DELIVERIES]]
    columns = sorted(column for column, target in own.mapping.items() if target == OWN)
    told = [column for order in orders for column in order if column in columns]
    return list(dict.fromkeys([*told, *columns]))


def find_holder(uid: uuid.UUID) -> HolderFacts | None:
    """Return the holder of a uid."""
    found = Holder.objects.filter(uid=uid).first()
    return HolderFacts(found.uid, found.name) if found else None


def find_holder_named(name: str) -> HolderFacts | None:
    """Return the holder of a name, exactly as written."""
    found = Holder.objects.filter(name=name).first()
    return HolderFacts(found.uid, found.name) if found else None


def list_holders() -> list[HolderFacts]:
    """Return every holder, by name."""
    return [HolderFacts(each.uid, each.name) for each in Holder.objects.order_by("name")]


def list_own(holder: uuid.UUID) -> list[OwnList]:
    """Return the lists of a holder that were ever accepted, by name."""
    rows = SourceList.objects.filter(holder__uid=holder).order_by("name", "source_id")
    accepted = Contribution.objects.filter(source_id__in=[each.source_id for each in rows], accepted_at__isnull=False)
    last = {each.source_id: each for each in accepted.order_by("id")}
    facts = source_facts(list(last))
    return [_own(each, last[each.source_id], facts[each.source_id]) for each in rows if each.source_id in last]


def _own(row: SourceList, last: Contribution, facts: SourceFacts) -> OwnList:
    places = {each.name: place for place, each in enumerate(kind_named(row.kind).properties)}
    known = [
        (places.get(target.partition(".")[0], -1), target, column)
        for column, target in row.mapping.items()
        if target and (column in last.columns or not last.columns)
    ]
    columns = tuple(column for _, _, column in sorted(known))
    assert last.accepted_at is not None
    return OwnList(
        row.source_id, key_of(row.source_id), row.name, row.kind, row.mapping, columns, facts.published,
        last.accepted_at,
    )  # fmt: skip


def key_of(source_id: int) -> str:
    """Return the name under which a list is found in an address."""
    return digest("list", str(source_id)).hex()[:_KEY_LETTERS]


def rows_present(source_id: int, kind: str) -> set[int]:
    """Return the records of the rows that are in a list, as of its last accepted delivery."""
    return present_records(source_id, accepted=accepted_numbers().get(source_id, 0)).get(kind, set())


def contacts_of(holder: uuid.UUID) -> list[str]:
    """Return the e-mail addresses among the contacts that a holder's lists publish, each once."""
    rows = SourceList.objects.filter(holder__uid=holder).exclude(contact="").order_by("source_id")
    found = []
    for contact in dict.fromkeys(each.strip() for each in rows.values_list("contact", flat=True)):
        with contextlib.suppress(ValidationError):
            validate_email(contact)
            found.append(contact)
    return found
