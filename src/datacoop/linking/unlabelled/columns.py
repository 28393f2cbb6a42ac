"""What is compared of a record where nobody judged pairs yet, column by column. Pure; None where nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datacoop.lib.text import fold
from datacoop.linking.rules.profiles import Profile

Row = dict[str, object]
#: So many first letters find a name whatever its ending.
_START = 3
_PLAIN = ("house", "street", "quarter", "town", "postcode", "region", "birth_date", "number")


def of_person(said: Mapping[str, str]) -> Row:
    """Return the row of a person: names, folded, and where they live; given and family name are often exchanged."""
    given, family = (fold(said.get(column, "")).strip() or None for column in ("given_name", "family_name"))
    names = sorted({name[:_START] for name in (given, family) if name})
    return {
        "given_name": given,
        "family_name": family,
        "names": names or None,
        "both_names": " ".join(names) if given and family else None,
        **{column: fold(said.get(column, "")).strip() or None for column in _PLAIN},
    }


def of_organisation(profile: Profile, keys: Sequence[str]) -> Row:
    """Return the row of an organisation's profile; `keys`: what it is found by."""
    several = {
        "initials": {*profile.initials, profile.acronym} - {""},
        "postcodes": profile.postcodes,
        "towns": profile.towns,
        "streets": {" ".join(street) for street in profile.streets},
        "phones": profile.phones,
        "emails": profile.emails,
        "domains": profile.domains,
        "numbers": profile.uids,
        "keys": keys,
    }
    one_of = {"town": profile.towns, "phone": profile.phones, "email": profile.emails, "domain": profile.domains}
    return {
        "core": " ".join(profile.core) or None,
        "letters": profile.letters or None,
        "parts": " ".join(sorted(profile.parts)) or None,
        **{column: min(values, default=None) for column, values in one_of.items()},
        **{column: sorted(values) or None for column, values in several.items()},
    }
