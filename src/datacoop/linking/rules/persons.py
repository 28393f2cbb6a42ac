"""Whether two entries about persons may be one. Pure, and strict: a wrong answer tells somebody of somebody else.

Never by name alone: an e-mail address, a telephone number or a date of birth must agree too, and nothing speak against.
Never across organisations, unless both entries are of persons who consented to that; even then a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from datacoop.lib.text import words
from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME, Comparison, Reason
from datacoop.linking.rules.profiles import profile_of
from datacoop.linking.rules.sharing import Key

#: One slip of the pen in a whole name, and none in a short one: Marie is not Maria.
_SLIPS, _LONG = 1, 10
_WEIGHTS: Final = {"same-email": 8.0, "same-phone": 6.0, "same-birth-date": 6.0}


@dataclass(frozen=True)
class Person:
    """What is compared of somebody. `names`: each full name as its sorted words; `organisations`: at which they are
    named, merged ones as one; `consented`: that their entries at several may be compared.
    """

    names: frozenset[tuple[str, ...]]
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    birth_date: str = ""
    organisations: frozenset[int] = frozenset()
    consented: bool = False

    def keys(self) -> set[Key]:
        """Return what makes two entries worth comparing. A name is none, and a birthday only at one organisation."""
        traits = [*(("email", each) for each in self.emails), *(("phone", each) for each in self.phones)]
        born = [("born", self.birth_date)] if self.birth_date else []
        within = {(organisation, *trait) for organisation in self.organisations for trait in (*traits, *born)}
        return within | {("consented", *trait) for trait in traits if self.consented}


def person_of(
    values: Mapping[str, Sequence[object]], *, organisations: frozenset[int], consented: bool = False
) -> Person:
    """Return what is compared of values given by property as in an API item, always as lists."""
    whole = [str(name) for name in values.get("name", ())]
    parts = zip(values.get("given_name", ()), values.get("family_name", ()), strict=False)
    names = {tuple(sorted(set(words(name)))) for name in [*whole, *(f"{given} {family}" for given, family in parts)]}
    reached = profile_of(0, {name: values.get(name, ()) for name in ("email", "phones")})
    born = str(next(iter(values.get("birth_date", ())), ""))
    return Person(frozenset(names - {()}), reached.emails, reached.phones, born, organisations, consented)


def compare_persons(one: Person, two: Person) -> Comparison:
    """Compare two entries. Different says nothing of why: neither what was said, nor that there is anybody."""
    together = not one.organisations.isdisjoint(two.organisations)
    if not (together or (one.consented and two.consented)):
        return Comparison(DIFFERENT, ())
    born_alike = bool(one.birth_date) and one.birth_date == two.birth_date
    agrees = {
        "same-email": not one.emails.isdisjoint(two.emails),
        "same-phone": not one.phones.isdisjoint(two.phones),
        "same-birth-date": born_alike and together,
    }
    contradicts = bool(one.birth_date and two.birth_date) and not born_alike
    if contradicts or not any(agrees.values()) or not _is_named_alike(one, two):
        return Comparison(DIFFERENT, ())
    reasons = [Reason(code, "", _WEIGHTS[code]) for code, holds in agrees.items() if holds]
    equal = not one.names.isdisjoint(two.names)
    reasons.append(Reason("same-name" if equal else "near-name", "", 4.0 if equal else 2.0))
    # A household has one telephone, and father and son may have one name.
    own = agrees["same-email"] or agrees["same-birth-date"]
    return Comparison(SAME if together and equal and own else LOOK_ALIKE, tuple(reasons))


def _is_named_alike(one: Person, two: Person) -> bool:
    """Whether any two full names agree but for one slip of the pen; a single word is no full name."""
    pairs = [(" ".join(a), " ".join(b)) for a in one.names for b in two.names if len(a) > 1 and len(b) > 1]
    return any(a == b or (min(len(a), len(b)) > _LONG and OSA.distance(a, b) <= _SLIPS) for a, b in pairs)
