"""Reading the ledger: the newest entry, and the check of the whole chain. Changes nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from datacoop.lib.sql import select

from . import rules
from .models import Entry

CHUNK = 2000


@dataclass(frozen=True)
class Tip:
    """Where the chain ends; number 0 and the start hash for an empty ledger."""

    number: int
    hash: str


def get_tip() -> Tip:
    """The last number and hash as the head row tells them."""
    found = select("SELECT number, hash FROM ledger_head")
    return Tip(*found[0]) if found else Tip(0, rules.START)


@dataclass(frozen=True)
class EntryFacts:
    """One entry as it stands in the chain."""

    number: int
    at: datetime
    kind: str
    payload: Mapping[str, object]
    previous: str
    hash: str

    def as_json(self) -> dict[str, object]:
        """Return what its hash is over, as plain values (`rules.entry_hash`)."""
        return {
            "number": self.number,
            "at": rules.instant(self.at),
            "kind": self.kind,
            "payload": dict(self.payload),
            "previous": self.previous,
        }


def last_of(kind: str) -> EntryFacts | None:
    """Return the newest entry of a kind, None where there is none."""
    e = Entry.objects.filter(kind=kind).order_by("-number").first()
    return EntryFacts(e.number, e.at, e.kind, e.payload, e.previous, e.hash) if e else None


def entries(numbers: Collection[int]) -> dict[int, EntryFacts]:
    """Return some entries by number; what is not in the chain is absent."""
    found: dict[int, EntryFacts] = {}
    every = sorted(numbers)
    for start in range(0, len(every), 500):
        for e in Entry.objects.filter(number__in=every[start : start + 500]):
            found[e.number] = EntryFacts(e.number, e.at, e.kind, e.payload, e.previous, e.hash)
    return found


def verify_chain() -> list[str]:
    """Walk the chain from its first entry; one sentence per difference, none when it is whole.

    Streams: memory does not grow with the chain. It finds every edit, removal, insertion and swap made
    behind the application's back. It cannot find a chain that somebody with the database in hand rewrote
    wholly, head included: for that, somebody outside must have kept an earlier checkpoint (`checkpoints`).
    """
    return list(differences())


def differences(also: Callable[[Entry], Iterable[str]] = lambda entry: ()) -> Iterator[str]:
    """The same, one at a time, in the order of the chain; `also` looks at each entry on the way."""
    last = Tip(0, rules.START)
    entries = Entry.objects.order_by("number").iterator(chunk_size=CHUNK)
    for entry in entries:
        if entry.number != last.number + 1:
            yield f"Ledger: entries {last.number + 1} to {entry.number - 1} are missing."
        if entry.previous != last.hash:
            yield f"Ledger: entry {entry.number} does not follow the entry before it."
        if entry.hash != _expected(entry):
            yield f"Ledger: entry {entry.number} was changed after it was written."
        yield from also(entry)
        last = Tip(entry.number, entry.hash)
    tip = get_tip()
    if tip != last:
        yield f"Ledger: the chain ends at entry {last.number}, its head says {tip.number} or another hash."


def _expected(entry: Entry) -> str | None:
    try:
        return rules.entry_hash(
            number=entry.number,
            at=entry.at,
            kind=entry.kind,
            payload=entry.payload,
            previous=entry.previous,
        )
    except (rules.UnfitPayload, AttributeError):
        return None  # such a payload could never have been appended
