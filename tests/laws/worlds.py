"""Worlds for the laws: plain, repeatable lists of what happened, and the strategies that draw them.

A world is replayed through the real actions with fixed ids and instants (2030: nothing is ever due by the clock on
the wall), so two replays differ only where the two lists do.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from datacoop.kinds.definition import kind as kind_named

BASE = datetime(2030, 1, 1, 12, tzinfo=UTC)
STEP = timedelta(hours=1)

CLIENTS = {"A": "public-bodies", "B": "public-bodies", "C": "non-profits"}
TERMS = tuple(dict.fromkeys(CLIENTS.values()))
READERS = ("public", *CLIENTS)
AUDIENCES = ("public", "cooperators", *(f"terms:{t}" for t in TERMS), *(f"agreement:{c}" for c in CLIENTS))
#: Lists by speaker: (holder, published, authority, page).
LISTS = {
    "list:0": ("Ville de Clairière", False, False, ""),
    "list:1": ("Fédération du Lac", True, False, "https://lac.example.org/liste"),
    "list:2": ("Registre invisible", True, True, ""),
}
SPEAKERS = (*LISTS, "steward", "subject")
ORGANISATIONS = tuple(f"o{n}" for n in range(6))
KINDS = {"o": "organisation", "a": "activity", "p": "person", "r": "role", "n": "need"}
LABELS = (*ORGANISATIONS, "a0", "a1", "p0", "p1", "r0", "r1", "n0")

_NAMES = ("Alpha Lac", "Beta Lac", "Alpha Chœur", "Zeta Chor", "Émile & Cie")
_TEXTS = ("Chanter au lac", "Soigner alpha", "Accueil discret")
_THEMES = ("culture/chant", "culture/musique", "sport", "sante/vih", "social/refuge")
_COMMUNES = ({"bfs": 5586, "name": "Lausanne"}, {"bfs": 5591, "name": "Renens"}, {"name": "Annemasse"})
_POINTS = (
    {"lat": 46.5174, "lon": 6.6389, "precision": "street"},
    {"lat": 46.5281, "lon": 6.6197, "precision": "exact"},
    {"lat": 46.2, "lon": 6.15, "precision": "commune"},
)
_ADDRESSES = (
    {"street": "Rue du Lac-Invisible 7", "postal_code": "1005", "city": "Lausanne", "country": "CH"},
    {"street": "Chemin Alpha 2", "postal_code": "1020", "city": "Renens", "country": "CH"},
)
_EMAILS = ("info@alpha.example.ch", "lac@example.org", "zeta@example.org")
_PHONES = ("+41 21 555 12 34", "+41 21 555 12 35")
_STARTS = (
    "2026-01-06T19:30:00+01:00",
    "2030-06-01T19:30:00+02:00",
    "2030-06-02T10:00:00+02:00",
    "2030-07-01T10:00:00+02:00",
)
_RECURRENCES = (
    {"rrule": "FREQ=WEEKLY;COUNT=6", "exdates": ["2026-01-13T19:30:00"]},
    {"rrule": "FREQ=MONTHLY", "overrides": [{"recurrence_id": "2026-02-06T19:30:00", "title": "Alpha secret"}]},
)
_STATUS = ("confirmed", "cancelled")

VALUES: dict[str, dict[str, Sequence[object]]] = {
    "organisation": {
        "name": _NAMES,
        "alternate_names": ("Alpha", "Lac bleu"),
        "description": _TEXTS,
        "theme": _THEMES,
        "commune": _COMMUNES,
        "addresses": _ADDRESSES,
        "point": _POINTS,
        "email": _EMAILS,
        "phones": _PHONES,
        "website": ("https://alpha.example.ch/", "https://zeta.example.org/"),
        "languages": ("fr", "de"),
        "part_of": ORGANISATIONS,
    },
    "activity": {
        "title": _NAMES,
        "description": _TEXTS,
        "organiser": ORGANISATIONS,
        "start": _STARTS,
        "end": ("2030-07-01T22:00:00+02:00", "2026-01-06T21:00:00+01:00"),
        "tz": ("Europe/Zurich", "Atlantic/Azores"),
        "recurrence": _RECURRENCES,
        "status": _STATUS,
        "theme": _THEMES,
        "commune": _COMMUNES,
        "email": _EMAILS,
    },
    "need": {
        "title": _NAMES,
        "organisation": ORGANISATIONS,
        "activity": ("a0", "a1"),
        "start": _STARTS,
        "theme": _THEMES,
    },
    "role": {
        "organisation": ORGANISATIONS,
        "person": ("p0", "p1"),
        "role": ("president", "treasurer"),
        "display_name": ("A. Exemplaire", "Zoé Alpha"),
        "since": ("2029-01-01", "2029-06-01"),
    },
    "person": {"name": ("Anna Alpha", "Zoé Lac"), "email": _EMAILS, "phones": _PHONES},
}
REFERENCES = {("activity", "organiser"), ("need", "organisation"), ("need", "activity")}
REFERENCES |= {("role", "organisation"), ("role", "person"), ("organisation", "part_of")}


def kind_of(label: str) -> str:
    return KINDS[label[0]]


def uid_of(label: str) -> uuid.UUID:
    return uuid.UUID(int=random.Random(label).getrandbits(128), version=4)


def is_reference(label: str, name: str) -> bool:
    return (kind_of(label), name) in REFERENCES


@dataclass(frozen=True)
class Value:
    """One value said. Of a reference `value` is the label of the record pointed to; `key` names it for ever."""

    property: str
    value: object
    position: int = 0
    mark: str = ""
    key: tuple[int, int] = (-1, -1)


@dataclass(frozen=True)
class Create:
    record: str
    about: str | None = None
    """Its subject, where it is another record."""


@dataclass(frozen=True)
class Say:
    record: str
    speaker: str
    values: tuple[Value, ...]
    quarantined: bool = False
    ends: tuple[str, ...] = ()
    """Properties whose earlier values end although none is said: what a redaction leaves of a superseding value."""


@dataclass(frozen=True)
class Retract:
    record: str
    speaker: str
    properties: tuple[str, ...]


@dataclass(frozen=True)
class Release:
    record: str


@dataclass(frozen=True)
class Decide:
    record: str
    audience: str
    shows: bool
    property: str | None = None
    hours: int | None = None


@dataclass(frozen=True)
class Restrict:
    record: str


@dataclass(frozen=True)
class Lift:
    record: str


@dataclass(frozen=True)
class Withhold:
    """The subject chooses that nothing be shown, also of what is said of anything about it later.

    With a `speaker` only of what that list names.
    """

    record: str
    speaker: str | None = None


@dataclass(frozen=True)
class ShowLater:
    record: str
    speaker: str | None = None


@dataclass(frozen=True)
class Merge:
    record: str
    survivor: str


@dataclass(frozen=True)
class Split:
    record: str


@dataclass(frozen=True)
class Notice:
    record: str
    speaker: str
    objected: bool = False


@dataclass(frozen=True)
class Deliver:
    """A client reads everything it may: later withdrawals owe it a tombstone."""

    client: str


@dataclass(frozen=True)
class Wait:
    hours: int


Op = (
    Create | Say | Retract | Release | Decide | Restrict | Lift | Withhold | ShowLater | Merge | Split | Notice
    | Deliver | Wait
)  # fmt: skip
World = tuple[Op, ...]


def world_of(ops: Iterable[Op]) -> World:  # noqa: C901 (one short case for each operation)
    """Number the values, create records before they are used, drop what cannot be done (a split of the unmerged)."""
    made: dict[str, None] = {}
    merges: dict[str, str] = {}
    found: list[Op] = []

    def need(*labels: str) -> None:
        for label in labels:
            if label not in made:
                made[label] = None
                found.append(Create(label))

    for op in ops:
        if isinstance(op, Create):
            need(*([op.about] if op.about else []))
            if op.record not in made:
                made[op.record] = None
                found.append(op)
            continue
        if not isinstance(op, Deliver | Wait):
            need(op.record)
        if isinstance(op, Merge):
            need(op.survivor)
            loser, survivor = _root(merges, op.record), _root(merges, op.survivor)
            if loser == survivor or kind_of(loser) != kind_of(survivor):
                continue
            merges[loser] = survivor
            found.append(Merge(loser, survivor))
            continue
        if isinstance(op, Split) and merges.pop(op.record, None) is None:
            continue
        if isinstance(op, Say):
            need(*(str(v.value) for v in op.values if is_reference(op.record, v.property)))
            number = len(found)
            values = tuple(replace(v, key=(number, i)) for i, v in enumerate(op.values))
            found.append(replace(op, values=values))
        else:
            found.append(op)
    return tuple(found)


def moments(world: World) -> list[datetime]:
    """Return the instant of each operation, and that of the end."""
    now, found = BASE, []
    for op in world:
        found.append(now)
        now += STEP + (timedelta(hours=op.hours) if isinstance(op, Wait) else timedelta())
    return [*found, now]


def _root(merges: dict[str, str], label: str) -> str:
    while label in merges:
        label = merges[label]
    return label


# ---- strategies


@st.composite
def says(draw: st.DrawFn, labels: Sequence[str] = LABELS) -> Say:
    label = draw(st.sampled_from(labels))
    kind = kind_of(label)
    names = draw(st.lists(st.sampled_from(list(VALUES[kind])), min_size=1, max_size=4, unique=True))
    values: list[Value] = []
    for name in names:
        many = kind_named(kind).property(name).many
        choices = st.sampled_from(VALUES[kind][name])
        found = draw(st.lists(choices, min_size=1, max_size=2 if many else 1, unique_by=repr))
        mark = draw(st.sampled_from(("", "", "", "", "p", "s", "w")))
        values += [Value(name, value, position, mark) for position, value in enumerate(found)]
    speaker = draw(st.sampled_from(("list:1", "list:1", *SPEAKERS)))
    if speaker == "subject" and draw(st.booleans()):
        # What a subject corrects where not everybody sees the property.
        mark = draw(st.sampled_from(("o", "h")))
        values = [replace(each, mark=mark) for each in values]
    return Say(label, speaker, tuple(values), quarantined=draw(st.sampled_from((False, False, False, True))))


@st.composite
def decides(draw: st.DrawFn, labels: Sequence[str] = LABELS) -> Decide:
    label = draw(st.sampled_from(labels))
    names = [None, None, *VALUES[kind_of(label)]]
    return Decide(
        label,
        draw(st.sampled_from(AUDIENCES)),
        draw(st.booleans()),
        draw(st.sampled_from(names)),
        draw(st.sampled_from((None, None, None, 2, 30))),
    )


#: What is somebody's: whoever it is about may withhold it, before it is said or afterwards.
OWNERS = {"a0": "o0", "a1": "o1", "n0": "o0", "r0": "p0", "r1": "p1"}
_SOME_LIST = st.sampled_from((None, None, "list:0", "list:1"))


@st.composite
def withholds(draw: st.DrawFn, labels: Sequence[str] = LABELS) -> Op:
    """Draw that somebody of whom there is more than one thing withholds all of it, or shows what comes later again."""
    owners = sorted({OWNERS[label] for label in labels if label in OWNERS}) or [labels[0]]
    act = draw(st.sampled_from((Withhold, Withhold, ShowLater)))
    return act(draw(st.sampled_from(owners)), draw(_SOME_LIST))


def others(labels: Sequence[str]) -> st.SearchStrategy[Op]:
    label = st.sampled_from(labels)
    organisation = st.sampled_from([label for label in labels if label in ORGANISATIONS] or ORGANISATIONS)
    return st.one_of(
        st.builds(Merge, organisation, organisation),
        st.builds(Split, organisation),
        st.builds(Restrict, label),
        st.builds(Lift, label),
        st.builds(Release, label),
        st.builds(Notice, label, st.sampled_from(("list:0", "list:1")), st.sampled_from((False, False, True))),
        st.builds(Deliver, st.sampled_from(tuple(CLIENTS))),
        st.builds(Wait, st.sampled_from((1, 24, 31 * 24))),
        st.builds(
            lambda record, speaker, names: Retract(record, speaker, tuple(names)),
            organisation,
            st.sampled_from(SPEAKERS),
            st.lists(st.sampled_from(list(VALUES["organisation"])), min_size=1, max_size=3, unique=True),
        ),
    )


@st.composite
def worlds(draw: st.DrawFn, most: int = 16) -> World:
    """Draw a world: some records of a list, then anything about those, in any order."""
    return draw(_happened(draw(st.sampled_from(_CASTS)), most))


@st.composite
def withheld_worlds(draw: st.DrawFn, most: int = 8) -> World:
    """Draw a world in which somebody withholds: before something of theirs is said, after it, or in between."""
    labels = draw(st.sampled_from([cast for cast in _CASTS if OWNERS.keys() & set(cast)]))
    mine = [label for label in labels if label in OWNERS]
    word = Withhold(OWNERS[mine[0]], draw(st.sampled_from((None, "list:1"))))
    heard = [Say(mine[0], draw(st.sampled_from(("list:1", "list:1", "list:2"))), _TITLES[kind_of(mine[0])])]
    happened = draw(_happened(labels, most))
    at = draw(st.integers(0, len(happened)))
    made = [Create(label, OWNERS[label]) for label in mine]
    return world_of([*made, *happened[:at], word, *heard, *happened[at:]])


@st.composite
def _happened(draw: st.DrawFn, labels: Sequence[str], most: int) -> World:
    owned = [Create(label, OWNERS[label]) for label in labels if label in OWNERS and draw(st.booleans())]
    first = [draw(says((label,))) for label in labels]
    later = st.one_of(says(labels), decides(labels), decides(labels), others(labels))
    if owned:
        later = st.one_of(later, withholds([each.record for each in owned]))
    return world_of([*owned, *first, *draw(st.lists(later, min_size=3, max_size=most))])


_TITLES = {
    "activity": (Value("title", "Alpha Lac"),),
    "role": (Value("role", "president"), Value("display_name", "Zoé Alpha", mark="p")),
}

#: Who takes part: few at a time, so that what happens happens to the same.
_CASTS = (
    ("o0", "o1"),
    ("o0", "o1", "o2"),
    ("o0", "o1", "a0"),
    ("o0", "o1", "a0", "n0"),
    ("o0", "p0", "r0"),
    ("o0", "o1", "o2", "o3", "a0", "a1", "p0", "r0", "n0"),
)
