"""Stores the corpus in the installation's own database, by the code that imports and decides for everybody else.

Only reading and mapping a holder's file are left out: rows are staged, decisions entered, the contribution accepted
and its views compiled as ever.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from datacoop.accounts.actions import add_client
from datacoop.consent.actions import Wish, add_agreement, decide_many
from datacoop.disclosure.actions import finish_contributions
from datacoop.pipelines.bench.asking import Choosing, Questions
from datacoop.pipelines.bench.corpus import AGREEMENTS, CONTACT, HIDDEN, OWN, TERMS, Activity, Organisation
from datacoop.pipelines.bench.corpus import organisations as invented
from datacoop.records.actions.publishing import Attestation, attest
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import StagedRow, Staging, accept, open_staging, stage
from datacoop.records.actions.stating import Said
from datacoop.records.envelopes import digest
from datacoop.sources.actions import Named, ensure_list

ACTOR = "bench"
BATCH = 1000
DECIDED_AT_ONCE = 2000
Progress = Callable[[str, int], None]


def store(count: int, *, progress: Progress) -> tuple[Questions, list[str]]:
    """Store the corpus; return what can be asked of it, and the agreements signed."""
    now = datetime.now(UTC)
    agreements = [add_agreement(name=f"Client {i}", terms=TERMS, actor=ACTOR, now=now) for i in range(AGREEMENTS)]
    add_client(agreement=agreements[0], now=now)
    choosing = Choosing()
    staged = {
        kind: open_staging(source_id=_published_list(kind, now), now=now) for kind in ("organisation", "activity")
    }
    wishes: list[tuple[int, Wish]] = []
    done = 0
    for batch in _batches(invented(count)):
        numbers = stage(staged["organisation"], kind="organisation", rows=[_organisation_row(o) for o in batch])
        rows = [_activity_row(n, o, a) for n, o in zip(numbers, batch, strict=True) for a in o.activities]
        stage(staged["activity"], kind="activity", rows=rows)
        for number, each in zip(numbers, batch, strict=True):
            choosing.see(each)
            wishes += [(number, wish) for wish in _wishes(each, agreements)]
        done += len(batch)
        progress("stored", done)
    _decide(wishes, progress)
    _accept(list(staged.values()), progress)
    return choosing.chosen(), agreements


def _published_list(kind: str, now: datetime) -> int:
    source_id = ensure_list(named=Named("Registre des mesures", kind, None, "CH", False), now=now).source_id
    attest(source_id, Attestation("https://registre.example.org", now.date(), ACTOR, now))
    return source_id


def _decide(wishes: Sequence[tuple[int, Wish]], progress: Progress) -> None:
    """Before the contribution is accepted, so that no view is compiled twice."""
    for start in range(0, len(wishes), DECIDED_AT_ONCE):
        with revision(actor=ACTOR, now=datetime.now(UTC), why="decision") as draft:
            decide_many(draft, wishes=wishes[start : start + DECIDED_AT_ONCE], reason="made-up corpus")
        progress("decided", min(start + DECIDED_AT_ONCE, len(wishes)))


def _accept(staged: Sequence[Staging], progress: Progress) -> None:
    compiled = 0
    for each in staged:
        with revision(actor=ACTOR, now=datetime.now(UTC), why="contribution") as draft:
            accept(draft, each)
        compiled += finish_contributions(datetime.now(UTC))
        progress("compiled", compiled)


def _wishes(organisation: Organisation, agreements: Sequence[str]) -> list[Wish]:
    if organisation.seen == HIDDEN:
        return [Wish("public", False)]
    if organisation.seen == CONTACT:
        names = ("email", "phones")
        return [Wish(a, s, name) for name in names for a, s in (("public", False), (f"terms:{TERMS}", True))]
    if organisation.seen == OWN:
        leaf = f"agreement:{agreements[organisation.agreement]}"
        return [Wish("public", False, organisation.own_property), Wish(leaf, True, organisation.own_property)]
    return []


def _organisation_row(organisation: Organisation) -> StagedRow:
    address = {
        "street": organisation.street,
        "postal_code": organisation.postal_code,
        "city": organisation.commune.name,
        "country": "CH",
        "kind": "postal",
    }
    contact = f"{organisation.street.lower()}|{organisation.postal_code}"
    return StagedRow(
        None,
        (
            Said("name", organisation.name),
            Said("nature", "association"),
            Said("description", {"fr": organisation.description}),
            *_placed(organisation),
            Said("addresses", address, digest=digest("address", contact)),
            Said("email", organisation.email, digest=digest("email", organisation.email)),
            Said("phones", organisation.phone, digest=digest("phone", organisation.phone)),
            Said("website", organisation.website),
        ),
    )


def _activity_row(number: int, organisation: Organisation, activity: Activity) -> StagedRow:
    # What is shown of a reference is looked up by its number; only the head of the uid is known here.
    head = str(uuid.UUID(int=number << 80))
    return StagedRow(
        None,
        (
            Said("title", activity.title),
            Said("description", {"fr": activity.description}),
            Said("organiser", head, refers=number),
            Said("start", activity.start.isoformat()),
            Said("end", activity.end.isoformat()),
            Said("tz", "Europe/Zurich"),
            *_placed(organisation),
        ),
        number,
    )


def _placed(organisation: Organisation) -> tuple[Said, ...]:
    return (
        Said("theme", organisation.theme),
        Said("commune", {"bfs": organisation.commune.bfs, "name": organisation.commune.name}),
        Said("point", {"lat": organisation.lat, "lon": organisation.lon, "precision": "street"}),
    )


def _batches(rows: Iterator[Organisation]) -> Iterator[list[Organisation]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
