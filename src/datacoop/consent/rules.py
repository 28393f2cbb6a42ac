"""Pure rules of consent: which decision holds for an audience, what the default says, when either changes next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

PUBLIC = 1
COOPERATORS = 2
#: Properties' rules while the subject has not spoken (the charter's default policy explains them).
NOBODY, PUBLISHED, NOTIFIED = "nobody", "published", "notified"

#: How a decision reached us: the codes of `DecisionContext.method`. Those that somebody proved are named as there
#: (`accounts.proofs`); of the last two the steward who entered it keeps the reason.
LINK, EMAIL_CODE, LETTER_CODE, PASSKEY, AUTHENTICATOR, SHARED_MAILBOX, ACCOUNT, PAPER, TELEPHONE = METHODS = (
    "link",
    "email_code",
    "letter_code",
    "passkey",
    "authenticator",
    "shared_mailbox",
    "account",
    "paper",
    "telephone",
)
#: As what somebody decided: the subject, for an organisation, for a minor, or a steward entering the subject's word.
CAPACITIES = ("subject", "representative", "guardian", "steward")
#: How long a steward's reason, or the word how they learnt what the subject wants, may be.
LONGEST_REASON = 500
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class DecisionContext:
    """How a decision was given: what a receipt of it says beside the decision (ISO/IEC TS 27560, clause 6).

    `method` is one of METHODS, `capacity` one of CAPACITIES, `language` a tag of BCP 47. `notice_version` and
    `notice_sha256` (hex) name the text that was shown; all may be empty where it is not known.

    Raises: ValueError for a code, a language or a hash that is none.
    """

    method: str = ""
    capacity: str = ""
    language: str = ""
    notice_version: str = ""
    notice_sha256: str = ""

    def __post_init__(self) -> None:
        """Refuse what no receipt could say."""
        if self.method and self.method not in METHODS:
            raise ValueError(f"“{self.method}” is no way of deciding. Use one of: {', '.join(METHODS)}.")
        if self.capacity and self.capacity not in CAPACITIES:
            raise ValueError(f"Nobody decides as “{self.capacity}”. Use one of: {', '.join(CAPACITIES)}.")
        if self.language and not _LANGUAGE.fullmatch(self.language):
            raise ValueError(f"“{self.language}” is not a language tag: write it like fr.")
        if self.notice_sha256 and not _SHA256.fullmatch(self.notice_sha256):
            raise ValueError("The hash of a notice is 64 hexadecimal digits.")
        if len(self.notice_version) > 60:
            raise ValueError("The version of a notice has 60 characters or fewer.")


#: Where nobody said how a decision was given.
UNTOLD = DecisionContext()


#: Full age (CC 14), and where its first day begins.
FULL_AGE = 18
_HERE = ZoneInfo("Europe/Zurich")


def of_age_from(born: object) -> datetime | None:
    """Return when somebody born on an ISO date comes of age, None for what is no date. Of 29 February: on 1 March.

    >>> of_age_from("2012-05-01").isoformat(), of_age_from("?")
    ('2030-05-01T00:00:00+02:00', None)
    """
    try:
        day = date.fromisoformat(str(born))
        month, number = (3, 1) if (day.month, day.day) == (2, 29) else (day.month, day.day)
        return datetime(day.year + FULL_AGE, month, number, tzinfo=_HERE)
    except ValueError:
        return None


@dataclass(frozen=True)
class Tree:
    """The audiences: parent by audience. A reader is one leaf and sees along the path from the root."""

    parents: Mapping[int, int | None]

    def path(self, audience: int) -> tuple[int, ...]:
        """Return the audiences from the root to `audience`."""
        found = [audience]
        while (parent := self.parents[found[-1]]) is not None:
            found.append(parent)
        return tuple(reversed(found))


@dataclass(frozen=True)
class Ruling:
    """One decision as the rules need it."""

    record_id: int
    property: str
    audience: int
    shows: bool
    since: datetime
    until: datetime | None
    order: int
    only: frozenset[str] | None = None
    """The properties, as `kind.property`, that this word may show there at most; None: whatever it names."""

    def holds(self, now: datetime) -> bool:
        """Return whether `now` lies in the half-open interval since–until."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Rulings:
    """Everything decided about one record, or about the records merged into one."""

    decisions: tuple[Ruling, ...] = ()
    restricted: bool = False
    notices: Mapping[tuple[int, int], tuple[datetime | None, bool]] | None = None
    """(Record, source) → (delivered, objected): a merge does not carry a notice over to what was said elsewhere."""
    disputed: frozenset[str] = frozenset()
    """Properties of which neither truth nor error can be shown: told to whoever sees them (LPD 32(3))."""
    of_age: datetime | None = None
    """When the subject, known to be a minor once, comes or came of age; None for everybody else."""

    def about(self, kind: str, name: str) -> Rulings:
        """Return what was decided as it counts for a property: a word that may not show it there does not speak."""
        if all(d.only is None for d in self.decisions):
            return self
        spoken = (d for d in self.decisions if not d.shows or d.only is None or f"{kind}.{name}" in d.only)
        return replace(self, decisions=tuple(spoken))

    def audiences(self) -> frozenset[int]:
        """Return the audiences anything was ever decided for."""
        return frozenset(d.audience for d in self.decisions)


NOTHING_DECIDED = Rulings()


def spoken_of_age(decisions: Sequence[Ruling], of_age: datetime | None) -> tuple[Ruling, ...]:
    """Return the decisions that count: nothing is shown of a minor, nor of an adult on what was said before."""
    return tuple(d for d in decisions if of_age is None or not d.shows or d.since >= of_age)


def verdict(rulings: Rulings, *, path: Sequence[int], names: Sequence[str], now: datetime) -> bool | None:
    """Return what the subject decided for the leaf of `path`: shown, hidden, or None for nothing.

    `names` are the properties that bind, strongest first; `""` stands for the whole record. The decision nearest the
    leaf holds; at one audience the stronger name, and of two the newer. Members merged into one record may have
    decided differently: the narrower wins until the subject speaks (law 2).
    """
    found = binding(rulings, path=path, names=names, now=now)
    return None if found is None else found.shows


def binding(rulings: Rulings, *, path: Sequence[int], names: Sequence[str], now: datetime) -> Ruling | None:
    """Return the decision that `verdict` follows: of members that decided differently a narrowing one, else any."""
    if not rulings.decisions:
        return None
    answers = [_binding_of(found, path, names, now) for found in _by_record(rulings.decisions).values()]
    spoken = [answer for answer in answers if answer is not None]
    return min(spoken, key=lambda d: (d.shows, -d.order), default=None)


def _binding_of(decisions: Sequence[Ruling], path: Sequence[int], names: Sequence[str], now: datetime) -> Ruling | None:
    for audience in reversed(path):
        for name in names:
            found = [d for d in decisions if d.audience == audience and d.property == name and d.holds(now)]
            if found:
                return max(found, key=lambda d: d.order)
    return None


def _by_record(decisions: Iterable[Ruling]) -> dict[int, list[Ruling]]:
    found: dict[int, list[Ruling]] = {}
    for decision in decisions:
        found.setdefault(decision.record_id, []).append(decision)
    return found


def default_shows(
    rule: str, *, published: bool, notice: tuple[datetime | None, bool] | None, days: int, now: datetime
) -> bool:
    """Return whether the voted default makes a value public: see the charter's default policy.

    Nothing of a list that its subject objected to is shown by default, published or not (LPD 30(3)).
    """
    delivered, objected = notice or (None, False)
    if rule == NOBODY or objected:
        return False
    if published:
        return True
    return rule == NOTIFIED and delivered is not None and delivered + timedelta(days=days) <= now


def moments(rulings: Rulings, *, days: int, now: datetime) -> frozenset[datetime]:
    """Return `now` and every later moment at which the mere passing of time changes what is disclosed."""
    found = {d.since for d in rulings.decisions} | {d.until for d in rulings.decisions if d.until}
    for delivered, objected in (rulings.notices or {}).values():
        if delivered and not objected:
            found.add(delivered + timedelta(days=days))
    return frozenset({now, *(moment for moment in found if moment > now)})


def next_change(rulings: Rulings, *, days: int, now: datetime) -> datetime | None:
    """Return the first moment after `now` at which the mere passing of time changes what is disclosed."""
    return min(moments(rulings, days=days, now=now) - {now}, default=None)


@dataclass(frozen=True)
class Word:
    """One decision that might be taken: a ruling before it has its place. `shows` None: nothing is said any more."""

    record_id: int
    property: str
    audience: int
    shows: bool | None
    until: datetime | None = None


def if_said(rulings: Rulings, words: Sequence[Word], *, now: datetime) -> Rulings:
    """Return what would hold if these words were spoken now, as `consent.actions.decide_many` writes them.

    Of several words about the same property and audience the last counts. A word without an end replaces all that was
    said before it; one with an end leaves it, so that its end falls back on that.
    """
    last = {(word.record_id, word.property, word.audience): word for word in words}
    replaced = {key for key, word in last.items() if word.until is None}
    kept = [d for d in rulings.decisions if (d.record_id, d.property, d.audience) not in replaced]
    order = max((d.order for d in rulings.decisions), default=0)
    said = [
        Ruling(word.record_id, word.property, word.audience, word.shows, now, word.until, order + place)
        for place, word in enumerate(last.values(), start=1)
        if word.shows is not None
    ]
    return replace(rulings, decisions=(*kept, *spoken_of_age(said, rulings.of_age)))
