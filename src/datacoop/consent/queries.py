"""Reading consent: the tree of audiences and everything decided about some records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import Max, Q

from datacoop.consent.binding import Withheld, bound_by_subjects
from datacoop.consent.hearing import hearing, shipped_terms
from datacoop.consent.minors import minors_of
from datacoop.consent.models import Agreement, Audience, Decision, Unindexed
from datacoop.consent.rules import COOPERATORS, NOTHING_DECIDED, PUBLIC, Ruling, Rulings, Tree, spoken_of_age
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import in_parts, moment, placeholders, select
from datacoop.records.queries import kinds_of, lists_beside, merges_of, root_of, subjects_of
from datacoop.records.rules import is_natural

_DECISIONS = (
    "SELECT record_id, property, audience_id, shows, valid_from, valid_until, id, begin_revision FROM consent_decision"
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
    held: bool = False
    """Nothing new that is not public reaches it: it is late with acknowledgements."""
    live_only: bool = False
    """It keeps nothing, and owes no acknowledgement."""
    country: str = ""
    """Where it keeps what it is sent (ISO 3166), empty where nobody said."""
    purposes: tuple[str, ...] = ()
    retention_days: int = 0
    waiting: bool = False
    """What was granted to its class does not reach it yet."""


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


def list_agreements(audiences: Collection[int] | None = None) -> list[AgreementFacts]:
    """Return agreements, those of some audiences or all, oldest first."""
    signed = Agreement.objects.order_by("signed_at", "uid")
    if audiences is not None:
        signed = signed.filter(audience__in=audiences)
    terms = shipped_terms()
    return [_facts(each, terms.get(each.terms, {})) for each in signed]


def _facts(a: Agreement, terms: Mapping[str, object]) -> AgreementFacts:
    purposes = a.purposes.split() or terms.get("purposes", [])
    return AgreementFacts(
        a.uid, a.name, a.terms, a.audience_id, a.hours_to_erase,
        suspended=a.suspended_at is not None, held=a.held_at is not None, live_only=a.live_only,
        country=a.country, purposes=tuple(map(str, cast("list[object]", purposes))),
        retention_days=a.retention_days or int(str(terms.get("retention_days", 0))),
        waiting=a.waited_id is not None and a.joined_at is None,
    )  # fmt: skip


def rulings_of(ids: Collection[int]) -> dict[int, Rulings]:
    """Return what was decided about each record; records nobody decided about are absent.

    Of minors, and of those who came of age since, without what was to be shown before they did. What their subject
    said against all of itself counts as said about each.
    """
    if not ids:
        return {}
    about, given = f"record_id IN ({placeholders(ids)})", list(ids)
    bound = bound_by_subjects(ids)
    decisions = _decisions(about, given, {record: each.withheld for record, each in bound.items() if each.withheld})
    restricted = {row[0] for row in select(_RESTRICTED.format(about), given)}
    notices: dict[int, dict[tuple[int, int], tuple[datetime | None, bool]]] = {}
    for record, source, delivered, objected in select(_NOTICES.format(about), given):
        told = moment(delivered) if delivered is not None else None
        notices.setdefault(record, {})[record, source] = (told, objected is not None)
    for record, said in bound.items():
        restricted |= {record} if said.restricted else set()
        for source in said.objected:
            told, _ = notices.get(record, {}).get((record, source), (None, False))
            notices.setdefault(record, {})[record, source] = (told, True)
    _object_to_holders(notices)
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


def _decisions(about: str, given: list[int], withheld: Mapping[int, Withheld]) -> dict[int, list[Ruling]]:
    """What was decided about each; where its subject withholds all since, as if that had been said of each of them."""
    found: dict[int, list[Ruling]] = {}
    for record, each in withheld.items():
        found[record] = [] if each.is_spoken else [Ruling(record, "", PUBLIC, False, each.at, None, 0)]
    rows = select(_DECISIONS.format(about), given)
    heard = hearing() if rows else None
    for record, name, audience, shows, since, until, order, revision in rows:
        if shows and record in withheld and revision < withheld[record].revision:
            continue
        end = moment(until) if until is not None else None
        for where, only in heard.where(audience, shows=bool(shows)) if heard else ():
            ruling = Ruling(record, name, where, bool(shows), moment(since), end, order, only)
            found.setdefault(record, []).append(ruling)
    return found


def _object_to_holders(notices: Mapping[int, dict[tuple[int, int], tuple[datetime | None, bool]]]) -> None:
    """Let an objection to one list hold for each list of its holder: a new list is no way round it."""
    said = {source for known in notices.values() for (_, source), (_, objected) in known.items() if objected}
    beside = lists_beside(said)
    for record, known in notices.items():
        lists = {each for (_, source), (_, objected) in known.items() if objected for each in beside[source]}
        for source in lists:
            told, _ = known.get((record, source), (None, False))
            known[record, source] = (told, True)


def together(rulings: Mapping[int, Rulings], members: Collection[int]) -> Rulings:
    """Return what was decided about several records that are one: all decisions, any restriction, every notice.

    An objection to a list holds for what it says of each of them; that something was told holds for that record alone.
    """
    found = [rulings[m] for m in members if m in rulings]
    if not found:
        return NOTHING_DECIDED
    notices = {about: state for r in found for about, state in (r.notices or {}).items()}
    for source in {source for (_, source), (_, objected) in notices.items() if objected}:
        for member in members:
            told, _ = notices.get((member, source), (None, False))
            notices[member, source] = (told, True)
    disputed = frozenset(name for r in found for name in r.disputed)
    decisions = tuple(d for r in found for d in r.decisions)
    of_age = max((r.of_age for r in found if r.of_age is not None), default=None)
    restricted = any(r.restricted for r in found)
    return Rulings(spoken_of_age(decisions, of_age), restricted, notices or None, disputed, of_age)


def deciders_of(record_ids: Collection[int]) -> frozenset[str]:
    """Return whose words on the whole of some records stand, as revisions name them (`account:7`)."""
    standing = Decision.objects.filter(record_id__in=record_ids, property="", end_revision__isnull=True)
    return frozenset(standing.values_list("actor", flat=True))


def last_word(record_ids: Collection[int]) -> int:
    """Return the last revision in which anything was decided or taken back about some records, 0 where never."""
    last = 0
    for part in in_parts(record_ids):
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
    for part in in_parts(roots):
        rows = Unindexed.objects.filter(record_id__in=part, end_revision__isnull=True)
        said.update(roots[number] for number in rows.values_list("record_id", flat=True))
    return frozenset(number for number in record_ids if roots[number] in said)
