"""The profile of a record: what linking compares, normalised. Pure.

Contacts may be plain or digests: only their equality counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

from datacoop.lib.text import fold, words
from datacoop.linking.rules.naming import initials_of, read_name
from datacoop.linking.rules.streets import read_street
from datacoop.linking.rules.words import known

#: Raised with whatever changes how a value is read or by which keys it is found: what was read before is read again.
VERSION = 3
_NOT_DIALLED = re.compile(r"\(0\)|[^\d+]")
_NOT_NUMBER = re.compile(r"[^0-9A-Z]")
_TAIL = re.compile(r"(?:MWST|TVA|IVA|HR|RC)$")
#: What a point is of, where it tells one house or street from others.
_FINE = frozenset({"exact", "street"})
_WWW = re.compile(r"^(?:www\d?|m)\.")


@dataclass(frozen=True)
class Profile:
    """What is known of a record for comparing it. `name` keeps the town, `core` not; `others` are alternate cores."""

    record_id: int
    name: str
    core: tuple[str, ...]
    place: frozenset[str]
    uids: frozenset[str]
    emails: frozenset[str]
    domains: frozenset[str]
    phones: frozenset[str]
    parts: frozenset[str]
    letters: str = ""
    others: tuple[tuple[str, ...], ...] = ()
    initials: frozenset[str] = frozenset()
    acronym: str = ""
    postcodes: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    streets: tuple[tuple[str, str], ...] = ()
    point: tuple[float, float] | None = None
    themes: frozenset[str] = frozenset()
    legal: frozenset[str] = frozenset()

    @cached_property
    def reached(self) -> frozenset[str]:
        """Every contact, as a set."""
        return self.emails | self.domains | self.phones | self.uids

    def contacts(self) -> tuple[str, ...]:
        """Every contact, in order: what `held` counts by, registry numbers among them."""
        return tuple(sorted(self.reached))


def profile_of(
    record_id: int, values: Mapping[str, Sequence[object]], digest: Callable[[str, str], str] | None = None
) -> Profile:
    """Return the profile of a record's values, given by property as in an API item, always as lists.

    With `digest`, of a sort and a value, every contact is replaced by its digest, all that is ever stored; registers
    stay named.
    """
    place, towns = _place(values)
    said = [each for each in values.get("addresses", ()) if isinstance(each, Mapping)]
    codes = {fold(str(each.get("postal_code") or "")) for each in said} - {""}
    endings = frozenset().union(*[_endings(town) for town in place - codes])
    naming = read_name(str(next(iter(values.get("name", ())), "")), towns, endings)
    others = [read_name(str(name), towns, endings) for name in values.get("alternate_names", ())]
    uids, emails, domains, phones = _contacts(values, digest)
    return Profile(
        record_id=record_id,
        name=" ".join(naming.full),
        core=naming.core,
        place=place,
        uids=uids,
        emails=emails,
        domains=domains,
        phones=phones,
        parts=naming.parts,
        letters=naming.letters,
        others=tuple(sorted({other.core for other in others if other.core} - {naming.core})),
        initials=naming.initials.union(*[other.initials for other in others]),
        acronym=naming.acronym,
        postcodes=frozenset(codes),
        towns=place - codes,
        streets=tuple(dict.fromkeys([read_street(str(each["street"])) for each in said if each.get("street")])),
        point=_point(values.get("point", ())),
        legal=naming.legal,
        themes=frozenset([fold(str(each)) for name in ("theme", "themes") for each in values.get(name, ())]),
    )


def _contacts(
    values: Mapping[str, Sequence[object]], digest: Callable[[str, str], str] | None
) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Return numbers of registers, mail addresses, domains and telephones."""
    emails = frozenset([str(email).strip().lower() for email in values.get("email", ()) if "@" in str(email)])
    domains = _domains(emails, values.get("website", ()))
    uids = frozenset(filter(None, map(_number, values.get("identifiers", ()))))
    phones = frozenset(filter(None, map(_phone, values.get("phones", ()))))
    if digest is None:
        return uids, emails, domains, phones
    return (
        frozenset([f"{n.partition(':')[0]}:{digest('uid', n)}" for n in uids]),
        frozenset([digest("email", email) for email in emails]),
        frozenset([digest("domain", domain) for domain in domains]),
        frozenset([digest("phone", phone) for phone in phones]),
    )


def name_keys(profile: Profile) -> set[tuple[str, ...]]:
    """Return what records of near-equal names have in common: the keys of their blocks."""
    keys: set[tuple[str, ...]] = set()
    for core in (profile.core, *profile.others):
        telling = sorted((t for t in core if t not in known().head_words), key=lambda t: (-len(t), t))[:2]
        for place in profile.place:
            keys.add(("name", place, *core))
            keys.update(("word", place, token[:5]) for token in telling)
        if not profile.place:
            keys.add(("name", "", *core))
    return keys


def pack(profile: Profile) -> list[object]:
    """Return the profile as plain lists, to be stored as JSON."""
    sets = (profile.place, profile.uids, profile.emails, profile.domains, profile.phones, profile.parts)
    named = (profile.letters, profile.others, sorted(profile.initials), profile.acronym)
    where = (sorted(profile.postcodes), sorted(profile.towns), profile.streets, profile.point)
    rest = (*named, *where, sorted(profile.themes), sorted(profile.legal))
    return [profile.name, profile.core, *(sorted(found) for found in sets), *rest]


def unpack(record_id: int, packed: Sequence[Any]) -> Profile:
    """Return the profile that `pack` made lists of."""
    name, core, place, uids, emails, domains, phones, parts, letters, others, initials, acronym, *rest = packed
    postcodes, towns, streets, point, themes, legal = rest
    return Profile(
        record_id,
        name,
        tuple(core),
        frozenset(place),
        frozenset(uids),
        frozenset(emails),
        frozenset(domains),
        frozenset(phones),
        frozenset(parts),
        letters=letters,
        others=tuple(map(tuple, others)),
        initials=frozenset(initials),
        acronym=acronym,
        postcodes=frozenset(postcodes),
        towns=frozenset(towns),
        streets=tuple(map(tuple, streets)),
        point=tuple(point) if point else None,
        themes=frozenset(themes),
        legal=frozenset(legal),
    )


def _place(values: Mapping[str, Sequence[object]]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the tokens of where it is (postcodes, towns), and the words of the towns' names."""
    said = [*values.get("addresses", ()), *values.get("commune", ())]
    found = [
        _of_place(str(p.get("city") or p.get("name") or ""), str(p.get("postal_code") or ""))
        for p in said
        if isinstance(p, Mapping)
    ]
    return frozenset().union(*(t for t, _ in found)), frozenset().union(*(t for _, t in found))


def _of_place(named: str, postal_code: str) -> tuple[frozenset[str], frozenset[str]]:
    tokens, towns = _of_town(named)
    return (tokens | {fold(postal_code)} if postal_code else tokens), towns


@lru_cache(maxsize=65536)
def _of_town(named: str) -> tuple[frozenset[str], frozenset[str]]:
    town = words(named)
    towns = {word for index, word in enumerate(town) if index == 0 or len(word) > 3}
    return frozenset({" ".join(town)} if town else ()), frozenset(towns - known().stop_words)


def _point(points: Sequence[object]) -> tuple[float, float] | None:
    """Return where it is; the middle of its town is where everybody of the town is, and says nothing."""
    for point in points:
        if isinstance(point, Mapping) and point.get("precision", "exact") not in _FINE:
            continue
        if isinstance(point, Mapping) and isinstance(point.get("lat"), float) and isinstance(point.get("lon"), float):
            return point["lat"], point["lon"]
    return None


@lru_cache(maxsize=65536)
def _endings(town: str) -> frozenset[str]:
    """Initials by which an acronym names a town: Rive-sur-Lac is R, RL or RSL."""
    return frozenset({town[:1], *initials_of(town.split())}) - {""}


def _number(identifier: object) -> str:
    if not isinstance(identifier, Mapping) or identifier.get("scheme") not in known().registers:
        return ""
    value = _TAIL.sub("", _NOT_NUMBER.sub("", str(identifier.get("value", "")).upper()))
    return f"{identifier['scheme']}:{value}" if value else ""


def _phone(phone: object) -> str:
    """Digits with their country where it is said; too short a number is nobody's."""
    dialled = _NOT_DIALLED.sub("", str(phone))
    if dialled.startswith("00"):
        dialled = "+" + dialled[2:]
    return dialled if len(dialled) >= 8 else ""


def _domains(emails: frozenset[str], websites: Sequence[object]) -> frozenset[str]:
    hosts = {email.rpartition("@")[2] for email in emails} - known().generic_mail
    return frozenset({host for host in hosts if "." in host} | set(filter(None, map(_site, websites))))


def _site(website: object) -> str:
    """Return the own domain of a web address; on a host that many share, the page."""
    text = str(website).strip().lower()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = _WWW.sub("", parts.hostname or "")
    except ValueError:
        return ""
    if host not in known().shared_hosts:
        return host if "." in host else ""
    page = parts.path.strip("/").partition("/")[0]
    return f"{host}/{page}" if page else ""
