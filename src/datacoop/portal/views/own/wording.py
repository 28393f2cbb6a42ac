"""What stands about somebody, in words for their own pages: values, who says them, who sees them and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.disclosure.own.previewing import Seen
from datacoop.disclosure.own.telling import OwnRecord, OwnValue, Sight
from datacoop.kinds.definition import kind as kind_named
from datacoop.portal.catalogue import say
from datacoop.portal.readers import names_of_readers
from datacoop.portal.views.own.calling import called, own_label, spoken_value
from datacoop.rights.queries.foreseeing import Change

_SPEAKERS = {
    "holder": "answer.a_list",
    "authority": "answer.by_authority",
    "steward": "answer.by_steward",
    "subject": "answer.by_you",
}
_WHY = {
    "word": "answer.why_word",
    "default": "answer.why_default",
    "waiting": "answer.why_waiting",
    "restricted": "answer.why_restricted",
}


@dataclass(frozen=True)
class Said:
    """One value in words. `by` names the list's holder, `by_key` says another speaker."""

    text: str
    is_masked: bool
    by: str
    by_key: str
    since: datetime
    is_winning: bool


@dataclass(frozen=True)
class Line:
    """One property: what is said, who sees it, why everybody does or does not."""

    name: str
    label: str
    said: tuple[Said, ...]
    readers: tuple[str, ...]
    is_public: bool
    why: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Told:
    """One record."""

    id: int
    title: str
    kind_name: str
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Glimpse:
    """One record as a reader sees it: what it is called and (label, text) of what it sees."""

    heading: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Difference:
    """What some readers, all alike, would see, or see no longer, of one record, by labels."""

    readers: tuple[str, ...]
    title: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    altered: tuple[str, ...]


def told(records: Sequence[OwnRecord], language: str) -> list[Told]:
    """Return everything said, record by record."""
    names = names_of_readers(language)
    return [
        Told(each.id, each.title, each.kind, heading(each, language), tuple(_lines(each, names, language)))
        for each in records
    ]


def glimpses(seen: Sequence[Seen], records: Sequence[OwnRecord], *, proven: bool, language: str) -> list[Glimpse]:
    """Return what a reader sees of some records; to somebody who came by a link, only what their notice concerns."""
    by_id = {each.id: each for each in records}
    return [
        Glimpse(heading(by_id[each.id], language), lines)
        for each in seen
        if each.id in by_id and each.body and (lines := _seen_lines(each, by_id[each.id], proven, language))
    ]


def differences(
    changes: Sequence[Change], records: Sequence[OwnRecord], language: str, *, readers: int
) -> list[Difference]:
    """Return changes in words, record by record; readers whom something changes for alike stand together.

    `readers` is how many were looked at: all of them are everybody.
    """
    by_id = {each.id: each for each in records}
    names = names_of_readers(language)
    alike: dict[tuple[int, tuple[str, ...], tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for each in changes:
        what = each.record, each.gained, each.lost, each.altered
        alike.setdefault(what, []).append(names.get(each.audience, each.audience))

    def labels(record: int, properties: Sequence[str]) -> tuple[str, ...]:
        kind = kind_named(by_id[record].kind)
        return tuple(own_label(prop, language) for prop in kind.properties if prop.name in properties)

    return [
        Difference(_everybody(alike_for, readers), heading(by_id[record], language), labels(record, gained),
                   labels(record, lost), labels(record, altered))
        for (record, gained, lost, altered), alike_for in alike.items()
    ]  # fmt: skip


def count_of(changes: Sequence[Change], which: str) -> int:
    """Return how many properties of records are `gained` or `lost` by anybody, each counted once."""
    return len({(each.record, name) for each in changes for name in getattr(each, which)})


def together(
    seen: Sequence[tuple[str, list[Glimpse]]],
) -> list[tuple[tuple[str, ...], list[Glimpse]]]:
    """Return readers who see the same together, in their order; whoever sees nothing is left out."""
    found: list[tuple[list[str], list[Glimpse]]] = []
    for name, glimpsed in seen:
        same = next((names for names, other in found if other == glimpsed), None)
        if same is not None:
            same.append(name)
        elif glimpsed:
            found.append(([name], glimpsed))
    return [(_everybody(names, len(seen)), glimpsed) for names, glimpsed in found]


def _everybody(names: Sequence[str], readers: int) -> tuple[str, ...]:
    """The first of the readers is everybody, and enough where the others see just that."""
    return tuple(names[:1] if len(names) == readers else names)


def holders_of(records: Sequence[OwnRecord]) -> list[str]:
    """Return the names of the holders whose lists speak, each once."""
    told_of = [each for each in records if not each.is_veiled]
    return list(dict.fromkeys(value.holder for each in told_of for value in each.values if value.holder))


def kind_said(record: OwnRecord, language: str) -> str:
    """Return what kind of record it is, in words; nothing of it where that would tell too much."""
    return say(language, "answer.some_data") if record.is_veiled else kind_named(record.kind).labels[language]


def heading(record: OwnRecord, language: str) -> str:
    """Return what a record is called for whoever it is about; nothing of it where that would tell too much."""
    if record.is_veiled:
        return say(language, "answer.some_data")
    return called(record.kind, record.title if record.kind != "person" else "", language)


def _lines(record: OwnRecord, names: Mapping[str, str], language: str) -> list[Line]:
    kind = kind_named(record.kind)
    found = []
    for name in dict.fromkeys(value.property for value in record.values):
        prop = kind.property(name)
        sights = record.sights[name]
        public = next((each for each in sights if each.audience == "public"), Sight("public", False, "default"))
        # Why somebody sees it is of more use than why everybody does not.
        telling = public if public.shows else next((each for each in sights if each.shows), public)
        readers = _everybody([names.get(each.audience, each.audience) for each in sights if each.shows], len(sights))
        said = tuple(
            Said(str(v.value) if v.is_masked else spoken_value(v.value, prop, language), v.is_masked,
                 "" if record.is_veiled else v.holder, _SPEAKERS.get(v.said_by, ""), v.since,
                 v.is_winning)
            for v in record.values
            if v.property == name and v.value != ""
        )  # fmt: skip
        if not said:
            # The reference to the person itself: it has nothing to say to that person.
            continue
        found.append(
            Line(name, own_label(prop, language), said, readers, public.shows, _WHY[telling.why], telling.since,
                 telling.until)
        )  # fmt: skip
    return found


def _seen_lines(seen: Seen, record: OwnRecord, proven: bool, language: str) -> tuple[tuple[str, str], ...]:
    kind = kind_named(seen.kind)
    values: dict[str, list[OwnValue]] = {}
    for each in record.values:
        if each.is_winning:
            values.setdefault(each.property, []).append(each)
    lines = []
    for prop in kind.properties:
        if prop.name not in (seen.body or {}):
            continue
        body = (seen.body or {})[prop.name]
        own = values.get(prop.name, [])
        if prop.type == "reference":
            texts = [str(each.value) for each in own]
        elif proven:
            texts = [spoken_value(each, prop, language) for each in (body if isinstance(body, list) else [body])]
        else:
            texts = [str(body)]
        if any(texts):
            lines.append((own_label(prop, language), ", ".join(text for text in texts if text)))
    return tuple(lines)
