"""Compare two profiles: the same, a look-alike for a person to judge, or different, with the reasons. Pure.

The rule: the same registry number, or a near-equal name and the same e-mail, own web domain or phone, is the same;
never on the name alone. Precision comes first: a contact that differently named records hold (a house of
associations, an umbrella, a treasurer) counts less, and parts of one whole (juniors, a section) are never merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from datacoop.linking.rules.naming import NEAR, is_near, same_letters, same_parts, similarity, weight
from datacoop.linking.rules.profiles import Profile

Core = tuple[str, ...]
Verdict = Literal["same", "look-alike", "different"]

SAME: Verdict = "same"
LOOK_ALIKE: Verdict = "look-alike"
DIFFERENT: Verdict = "different"

_CONTACTS = (("email", 5.0), ("domain", 4.0), ("phone", 4.0))
#: How much a contact counts by the number of differently named records that hold it; nothing beyond.
_SHARE = {0: 1.0, 1: 1.0, 2: 0.5, 3: 0.25}
#: A number of a register held under so many names was entered carelessly.
_UID_HOLDERS = 4
_SIMILAR = 0.6


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for (positive weight) or against. `detail` is a number or a count, never a value."""

    code: str
    detail: str
    weight: float


@dataclass(frozen=True)
class Comparison:
    """The verdict on a pair, and why."""

    verdict: Verdict
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        """The sum of the reasons: review lists show the likeliest first."""
        return round(sum(reason.weight for reason in self.reasons), 2)


@dataclass(frozen=True)
class _Evidence:
    name: float
    generic: bool
    identical: bool
    parts: bool
    siblings: bool
    place: Literal["same", "other", "unknown"]
    uid: Literal["same", "shared", "other", "none"]
    contact: float


def compare(first: Profile, second: Profile, held: Mapping[str, int]) -> Comparison:
    """Compare two profiles. `held` counts the differently named records that hold a contact (1 where it is silent)."""
    contacts = _contact_reasons(first, second, held)
    evidence = _Evidence(
        name=name_likeness(first, second),
        generic=max(map(_telling, (first.core, second.core))) < 1,
        identical=first.name == second.name,
        parts=same_parts(first.parts, second.parts),
        siblings=bool(first.parts and second.parts) and not same_parts(first.parts, second.parts),
        place=_place(first, second),
        uid=_uid(first, second, held),
        contact=sum(reason.weight for reason in contacts),
    )
    reasons = (*_uid_reasons(evidence), *_name_reasons(evidence), *contacts, *_place_reasons(evidence))
    return Comparison(_verdict(evidence, has_contact=bool(contacts)), reasons)


def is_worth_comparing(first: Profile, second: Profile) -> bool:
    """Return False, quickly, where `compare` can only say that they are different."""
    if not first.reached.isdisjoint(second.reached):
        return True
    return not first.place.isdisjoint(second.place) and is_named_nearly(first, second)


def is_named_nearly(first: Profile, second: Profile) -> bool:
    """Return whether `name_likeness` is `NEAR` or more."""
    are_placed = first.place and second.place
    if is_near(*((first.core, second.core) if are_placed else (_core(first, second), _core(second, first)))):
        return True
    if first.letters and same_letters(first.letters, second.letters):
        return True
    if (first.others or second.others) and any(is_near(*pair) for pair in _other_names(first, second)):
        return True
    return first.acronym in second.initials or second.acronym in first.initials


def name_likeness(first: Profile, second: Profile) -> float:
    """Return how near the names are: of any of the names of both, or an acronym of at least three letters."""
    best = similarity(_core(first, second), _core(second, first))
    if best < NEAR and first.letters and same_letters(first.letters, second.letters):
        best = NEAR
    best = max([best, *(similarity(*pair) for pair in _other_names(first, second))])
    if _is_acronym(first, second) or _is_acronym(second, first):
        best = max(best, 0.9)
    return best


def same_name(first: Profile, second: Profile) -> bool:
    """Return whether two holders of a contact count as one: near-equal names of the same part."""
    return is_named_nearly(first, second) and same_parts(first.parts, second.parts)


def _other_names(first: Profile, second: Profile) -> list[tuple[Core, Core]]:
    """Return the pairs of all names of both, where one of them has several."""
    if not (first.others or second.others):
        return []
    pairs = [(a, b) for a in (first.core, *first.others) for b in (second.core, *second.others)]
    return [(min(a, b), max(a, b)) for a, b in pairs]


def _core(profile: Profile, other: Profile) -> tuple[str, ...]:
    """Return the core, without the other's town where the profile does not know its own."""
    if profile.place or not other.place:
        return profile.core
    towns = {word for place in other.place for word in place.split()}
    return tuple(t for t in profile.core if t not in towns) or profile.core


def _is_acronym(short: Profile, long: Profile) -> bool:
    return bool(short.acronym) and short.acronym in long.initials


def _telling(core: tuple[str, ...]) -> float:
    return sum(map(weight, core))


def _verdict(evidence: _Evidence, *, has_contact: bool) -> Verdict:
    if evidence.uid == "other":
        return DIFFERENT
    if evidence.uid in {"same", "shared"}:
        return SAME if evidence.uid == "same" and evidence.parts else LOOK_ALIKE
    if evidence.parts and evidence.name >= NEAR and evidence.contact >= _needed(evidence):
        return SAME
    if evidence.name >= NEAR and (has_contact or (evidence.place == "same" and not evidence.siblings)):
        return LOOK_ALIKE
    if evidence.contact >= (2 if evidence.name >= _SIMILAR else 5):
        return LOOK_ALIKE
    return DIFFERENT


def _needed(evidence: _Evidence) -> float:
    """Return the weight of contacts that makes near-equal names the same."""
    if evidence.place == "other":
        return 8.0 if evidence.identical and not evidence.generic else float("inf")
    if evidence.generic and not evidence.identical:
        return 8.0
    return 2.0 if evidence.name == 1 and evidence.place == "same" else 4.0


def _place(first: Profile, second: Profile) -> Literal["same", "other", "unknown"]:
    if not first.place or not second.place:
        return "unknown"
    return "same" if first.place & second.place else "other"


def _uid(first: Profile, second: Profile, held: Mapping[str, int]) -> Literal["same", "shared", "other", "none"]:
    both = first.uids & second.uids
    if both:
        return "same" if any(held.get(number, 1) < _UID_HOLDERS for number in both) else "shared"
    return "other" if _schemes(first) & _schemes(second) else "none"


def _schemes(profile: Profile) -> set[str]:
    return {number.partition(":")[0] for number in profile.uids}


def _contact_reasons(first: Profile, second: Profile, held: Mapping[str, int]) -> list[Reason]:
    shared = {
        "email": first.emails & second.emails,
        "domain": first.domains & second.domains,
        "phone": first.phones & second.phones,
    }
    reasons: list[Reason] = []
    for kind, full in _CONTACTS:
        if shared[kind]:
            holders = max(1, min(held.get(contact, 1) for contact in shared[kind]))
            weighs = full * _SHARE.get(holders, 0.0)
            if kind == "domain" and reasons:
                # The domain of the same mailbox is no second witness.
                weighs = max(weighs - reasons[0].weight, min(1.0, weighs))
            reasons.append(Reason(f"same-{kind}", str(holders), weighs))
    return reasons


def _uid_reasons(evidence: _Evidence) -> list[Reason]:
    weights = {"same": 20.0, "shared": 5.0, "other": -20.0}
    if evidence.uid == "none":
        return []
    return [Reason(f"{evidence.uid}-number", "", weights[evidence.uid])]


def _name_reasons(evidence: _Evidence) -> list[Reason]:
    level = "same" if evidence.name == 1 else "near" if evidence.name >= NEAR else "similar"
    if evidence.name < _SIMILAR:
        level = "other"
    reasons = [Reason(f"{level}-name", f"{evidence.name:.2f}", round((evidence.name - 0.5) * 12, 2))]
    if not evidence.parts:
        reasons.append(Reason("other-part", "", -8.0))
    if evidence.generic:
        reasons.append(Reason("common-name", "", -2.0))
    return reasons


def _place_reasons(evidence: _Evidence) -> list[Reason]:
    if evidence.place == "unknown":
        return []
    return [Reason(f"{evidence.place}-place", "", 2.0 if evidence.place == "same" else -4.0)]
