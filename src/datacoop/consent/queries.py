"""Reading consent: the tree of audiences and everything decided about some records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from datacoop.charter.queries import current
from datacoop.consent.minors import minors_of
from datacoop.consent.models import Agreement, Audience, Decision, Unindexed
from datacoop.consent.rules import COOPERATORS, NOTHING_DECIDED, PUBLIC, Ruling, Rulings, Tree, spoken_of_age
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import moment, placeholders, select
from datacoop.records.queries import kinds_of, merges_of, root_of, subjects_of
from datacoop.records.rules import is_natural

_DECISIONS = (
    "SELECT record_id, property, audience_id, shows, valid_from, valid_until, id FROM consent_decision"
    " WHERE {} AND end_revision IS NULL ORDER BY id"
)
_RESTRICTED = "SELECT record_id FROM consent_restriction WHERE {} AND end_revision IS NULL"
_DISPUTED = "SELECT record_id, property FROM consent_dispute WHERE {} AND end_revision IS NULL"
_NOTICES = "SELECT record_id, source_id, delivered_at, objected_at FROM consent_noticestate WHERE {}"


class UnknownAudienceError(LookupError):
    """There is no such audience."""


@dataclass(frozen=True)
class AgreementFacts:
    """One client's agreement."""

    uid: str
    name: str
    terms: str
    audience: int
    hours_to_erase: int
    suspended: bool


def audience_tree() -> Tree:
    """Return the whole tree of audiences; the public and the cooperators are there before anybody decides."""
    return Tree({PUBLIC: None, COOPERATORS: PUBLIC, **dict(select("SELECT id, parent_id FROM consent_audience"))})


def audience_keys() -> dict[int, str]:
    """Return the key (`public`, `terms:…`, `agreement:…`) of every audience by number."""
    return dict(Audience.objects.order_by("id").values_list("id", "key"))


def get_audience(key: str) -> int:
    """Return the number of the audience called `key`.

    Raises:
        UnknownAudienceError: with the keys that exist for classes of readers.
    """
    found = select("SELECT id FROM consent_audience WHERE key = %s", [key])
    if not found:
        known = ", ".join(["public", "cooperators", *(f"terms:{name}" for name in shipped_terms())])
        raise UnknownAudienceError(f"There is no audience “{key}”. Use {known}, or agreement:ID.")
    return int(found[0][0])


def shipped_terms() -> Mapping[str, Mapping[str, object]]:
    """Return the terms clients can sign, by name."""
    terms: Mapping[str, Mapping[str, object]] = current("terms").text["terms"]  # type: ignore[assignment]
    return terms


def list_agreements(audiences: Collection[int] | None = None) -> list[AgreementFacts]:
    """Return agreements, those of some audiences or all, oldest first."""
    signed = Agreement.objects.order_by("signed_at", "uid")
    if audiences is not None:
        signed = signed.filter(audience__in=audiences)
    return [
        AgreementFacts(a.uid, a.name, a.terms, a.audience_id, a.hours_to_erase, a.suspended_at is not None)
        for a in signed
    ]


def rulings_of(ids: Collection[int]) -> dict[int, Rulings]:
    """Return what was decided about each record; records nobody decided about are absent.

    Of minors, and of those who came of age since, without what was to be shown before they did.
    """
    if not ids:
        return {}
    about, given = f"record_id IN ({placeholders(ids)})", list(ids)
    decisions: dict[int, list[Ruling]] = {}
    for record, name, audience, shows, since, until, order in select(_DECISIONS.format(about), given):
        end = moment(until) if until is not None else None
        ruling = Ruling(record, name, audience, bool(shows), moment(since), end, order)
        decisions.setdefault(record, []).append(ruling)
    restricted = {row[0] for row in select(_RESTRICTED.format(about), given)}
    notices: dict[int, dict[tuple[int, int], tuple[datetime | None, bool]]] = {}
    for record, source, delivered, objected in select(_NOTICES.format(about), given):
        told = moment(delivered) if delivered is not None else None
        notices.setdefault(record, {})[record, source] = (told, objected is not None)
    disputed: dict[int, set[str]] = {}
    for record, name in select(_DISPUTED.format(about), given):
        disputed.setdefault(record, set()).add(name)
    minors = minors_of(ids)
    return {
        i: Rulings(
            spoken_of_age(decisions.get(i, ()), minors.get(i)),
            i in restricted,
            notices.get(i),
            frozenset(disputed.get(i, ())),
            minors.get(i),
        )
        for i in {*decisions, *restricted, *notices, *disputed, *minors}
    }


def together(rulings: Mapping[int, Rulings], members: Collection[int]) -> Rulings:
    """Return what was decided about several records that are one: all decisions, any restriction, every notice."""
    found = [rulings[m] for m in members if m in rulings]
    if not found:
        return NOTHING_DECIDED
    notices = {about: state for r in found for about, state in (r.notices or {}).items()}
    disputed = frozenset(name for r in found for name in r.disputed)
    decisions = tuple(d for r in found for d in r.decisions)
    of_age = max((r.of_age for r in found if r.of_age is not None), default=None)
    restricted = any(r.restricted for r in found)
    return Rulings(spoken_of_age(decisions, of_age), restricted, notices or None, disputed, of_age)


def last_word(record_ids: Collection[int]) -> int:
    """Return the last revision in which anything was decided or taken back about some records, 0 where never."""
    last = 0
    for part in _parts(record_ids):
        found = Decision.objects.filter(record_id__in=part).aggregate(Max("begin_revision"), Max("end_revision"))
        last = max(last, *(number or 0 for number in found.values()))
    return last


def persons_shown(*, since: datetime, now: datetime) -> frozenset[int]:
    """Return the persons, by the number of their record, who have let something be shown since then or longer."""
    holds = Decision.objects.filter(shows=True, end_revision__isnull=True, valid_from__lte=since)
    holds = holds.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
    subjects = set(subjects_of(holds.values_list("record_id", flat=True).distinct()).values())
    return frozenset(number for number, kind in kinds_of(subjects).items() if is_natural(kind_named(kind)))


def unindexed(record_ids: Collection[int]) -> frozenset[int]:
    """Return those of some records that no search engine is to list: their subject, or that of one merged, said so."""
    merges = merges_of(record_ids) if record_ids else {}
    roots = {number: root_of(number, merges) for number in {*record_ids, *merges}}
    said: set[int] = set()
    for part in _parts(roots):
        rows = Unindexed.objects.filter(record_id__in=part, end_revision__isnull=True)
        said.update(roots[number] for number in rows.values_list("record_id", flat=True))
    return frozenset(number for number in record_ids if roots[number] in said)


def _parts(numbers: Collection[int]) -> Iterator[list[int]]:
    every = list(numbers)
    for start in range(0, len(every), 500):
        yield every[start : start + 500]
