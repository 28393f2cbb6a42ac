"""What is offered to linking of a record, and the profile that is compared of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from datacoop.linking.indexing import contact_digest
from datacoop.linking.rules.profiles import Profile, profile_of
from datacoop.records.queries import SaidFacts
from datacoop.records.rules import Mark


@dataclass(frozen=True)
class Offered:
    """A new or changed record of the open contribution: values by property as in an API item, always as lists.

    `personal` holds the values that are marked personal: their contacts are compared as digests like all others,
    names and addresses among them are not looked at. `published`: the public will know of the record.
    """

    record_id: int
    values: Mapping[str, Sequence[object]]
    personal: Mapping[str, Sequence[object]]
    published: bool


def profile_from(offered: Offered) -> Profile:
    """Return the digested profile of an offered record."""
    hidden = {name: offered.personal.get(name, ()) for name in ("email", "phones", "website", "identifiers")}
    values = {
        **offered.values,
        **{name: [*offered.values.get(name, ()), *said] for name, said in hidden.items() if said},
    }
    return profile_of(offered.record_id, values, contact_digest)


#: What many share is known once a contribution is accepted: its rows were offered without that mark.
_OFFERED: Final = frozenset({Mark.NONE, Mark.SHARED})


def is_offered(mark: str) -> bool:
    """Return whether a value with this mark is compared as any other."""
    return mark in _OFFERED


def offered_from(record_id: int, said: Sequence[SaidFacts]) -> Offered:
    """Return what a list says of a record as it would be offered."""
    values: dict[str, list[object]] = {}
    personal: dict[str, list[object]] = {}
    for each in said:
        (values if is_offered(each.mark) else personal).setdefault(each.property, []).append(each.value)
    return Offered(record_id, values, personal, published=False)
