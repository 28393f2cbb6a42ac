"""Reading consent: the tree of audiences and everything decided about some records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from datacoop.charter.queries import current
from datacoop.consent.models import Agreement, Audience, Decision, NoticeState, Restriction
from datacoop.consent.rules import COOPERATORS, NOTHING_DECIDED, PUBLIC, Ruling, Rulings, Tree


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
    return Tree({PUBLIC: None, COOPERATORS: PUBLIC, **dict(Audience.objects.values_list("id", "parent_id"))})


def audience_keys() -> dict[int, str]:
    """Return the key (`public`, `terms:…`, `agreement:…`) of every audience by number."""
    return dict(Audience.objects.order_by("id").values_list("id", "key"))


def get_audience(key: str) -> int:
    """Return the number of the audience called `key`.

    Raises:
        UnknownAudienceError: with the keys that exist for classes of readers.
    """
    found = Audience.objects.filter(key=key).values_list("id", flat=True).first()
    if found is None:
        known = ", ".join(["public", "cooperators", *(f"terms:{name}" for name in shipped_terms())])
        raise UnknownAudienceError(f"There is no audience “{key}”. Use {known}, or agreement:ID.")
    return found


def shipped_terms() -> Mapping[str, Mapping[str, object]]:
    """Return the terms clients can sign, by name."""
    terms: Mapping[str, Mapping[str, object]] = current("terms").text["terms"]  # type: ignore[assignment]
    return terms


def list_agreements() -> list[AgreementFacts]:
    """Return all agreements, oldest first."""
    rows = Agreement.objects.order_by("signed_at", "uid")
    return [
        AgreementFacts(a.uid, a.name, a.terms, a.audience_id, a.hours_to_erase, a.suspended_at is not None)
        for a in rows
    ]


def rulings_of(ids: Collection[int]) -> dict[int, Rulings]:
    """Return what was decided about each record; records nobody decided about are absent."""
    decisions: dict[int, list[Ruling]] = {}
    for d in Decision.objects.filter(record_id__in=ids, end_revision__isnull=True).order_by("id"):
        decisions.setdefault(d.record_id, []).append(
            Ruling(d.record_id, d.property, d.audience_id, d.shows, d.valid_from, d.valid_until, d.id)
        )
    restricted = set(
        Restriction.objects.filter(record_id__in=ids, end_revision__isnull=True).values_list("record_id", flat=True)
    )
    notices: dict[int, dict[tuple[int, int], tuple[object, bool]]] = {}
    for n in NoticeState.objects.filter(record_id__in=ids):
        notices.setdefault(n.record_id, {})[n.record_id, n.source_id] = (n.delivered_at, n.objected_at is not None)
    return {
        i: Rulings(tuple(decisions.get(i, ())), i in restricted, notices.get(i))  # type: ignore[arg-type]
        for i in {*decisions, *restricted, *notices}
    }


def together(rulings: Mapping[int, Rulings], members: Collection[int]) -> Rulings:
    """Return what was decided about several records that are one: all decisions, any restriction, every notice."""
    found = [rulings[m] for m in members if m in rulings]
    if not found:
        return NOTHING_DECIDED
    notices = {about: state for r in found for about, state in (r.notices or {}).items()}
    return Rulings(tuple(d for r in found for d in r.decisions), any(r.restricted for r in found), notices or None)
