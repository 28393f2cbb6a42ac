"""Signed links and letter codes: the way to one's own page without an account.

A link's token (256 bits) and its letter code (50 bits) are both derived from a random seed under the secret key of
the installation; the table keeps the seed and keyed digests. Whoever composes the mail or the letter derives them
again at that moment: they lie in no queue, job, log or backup.

A link is no proof of who opens it: it may have been forwarded, or be read by a whole committee. It shows masked
values and narrows; what more it allows is `rights.answers.rules`' to say, from the proof that comes with it.
"""

from __future__ import annotations

import hmac
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from datacoop.accounts.queries import list_representing
from datacoop.accounts.rules import DECIDE
from datacoop.consent.speaking import organisation_uids
from datacoop.records.endings import note_ended
from datacoop.rights.codes import code_of, grouped, read_code
from datacoop.rights.models.links import Link
from datacoop.rights.rules.endings import LINK

MAIL, SHARED, LETTER = "mail", "shared", "letter"
#: How long each kind opens: a mail is answered soon or again by the reminder; a letter lies on a desk for months.
LIFETIMES = {MAIL: timedelta(days=90), SHARED: timedelta(days=90), LETTER: timedelta(days=365)}


@dataclass(frozen=True)
class Wanted:
    """A link to be made: for whom, about which notice (None: about everything said of them), how it travels.

    `account_id`: who represents them and gets it, where it opens no longer than they do.
    """

    subject_uid: uuid.UUID
    channel: str
    notice_id: int | None = None
    account_id: int | None = None


@dataclass(frozen=True)
class LinkFacts:
    """One link that opens now, whether it was found by the code of a letter, typed, and who else held that letter.

    `may_decide` is False where it was sent to somebody who may only correct what is said of its subject.
    """

    id: int
    subject_uid: uuid.UUID
    notice_id: int | None
    channel: str
    made_at: datetime
    expires_at: datetime
    by_code: bool = False
    held_by: frozenset[str] = frozenset()
    may_decide: bool = True

    def was_held_by(self, account_id: int | None) -> bool:
        """Return whether an account was handed the letter: the code proves nothing of whoever has it."""
        return any(each.partition(":")[2] == str(account_id) for each in self.held_by)


def note_held(link_ids: Sequence[int], *, actor: str) -> None:
    """Note who was handed letters, or rows, with the codes of some links."""
    for row in Link.objects.filter(pk__in=list(link_ids)):
        held = {*row.held_by.split(), actor}
        Link.objects.filter(pk=row.pk).update(held_by=" ".join(sorted(held)))


def make_links(wanted: Sequence[Wanted], *, now: datetime) -> list[int]:
    """Make one link each and return their numbers, in the order given."""
    rows = []
    for each in wanted:
        seed = uuid.uuid4()
        rows.append(
            Link(
                seed=seed,
                token_digest=_digest(_token(seed)),
                code_digest=_digest(_code(seed)),
                subject_uid=each.subject_uid,
                notice_id=each.notice_id,
                account_id=each.account_id,
                channel=each.channel,
                made_at=now,
                expires_at=now + LIFETIMES[each.channel],
            )
        )
    return [row.pk for row in Link.objects.bulk_create(rows, batch_size=500)]


def token_of(link_id: int) -> str:
    """Return what stands in the address `/n/…`; 43 characters. Never store, queue or log it."""
    return _token(_seed(link_id))


def code_for(link_id: int) -> str:
    """Return the letter code in groups (`ABCD-EFGH-JKM`). Never store, queue or log it."""
    return grouped(_code(_seed(link_id)))


def find_link(token: str, *, now: datetime) -> LinkFacts | None:
    """Return what a token opens, None for unknown, expired and ended ones alike.

    One look-up by a keyed digest whatever was given: how long it takes tells nothing of how near a guess was.
    """
    return _found(Q(token_digest=_digest(token)), now, by_code=False)


def find_code(text: str, *, now: datetime) -> LinkFacts | None:
    """Return what a code opens as somebody typed it, None for mistyped, unknown, expired and ended ones alike."""
    code = read_code(text)
    return _found(Q(code_digest=_digest(code if code is not None else f"none {text}")), now, by_code=True)


def get_link(link_id: int, *, now: datetime) -> LinkFacts | None:
    """Return a link by its number if it opens now."""
    return _found(Q(pk=link_id), now, by_code=False)


def list_links(*, notice_id: int, now: datetime) -> list[LinkFacts]:
    """Return the links of a notice that open now, newest first."""
    found = Link.objects.filter(notice_id=notice_id, ended_at__isnull=True, expires_at__gt=now)
    return [_facts(row, by_code=False) for row in found.order_by("-made_at", "-pk")]


def end_links(*, now: datetime, notice_id: int | None = None, subject_uid: uuid.UUID | None = None) -> int:
    """End the links of a notice or of a subject (one of the two must be given) and return how many ended."""
    if notice_id is None and subject_uid is None:
        raise ValueError("Say whose links end: a notice's or a subject's.")
    about = Q(ended_at__isnull=True)
    if notice_id is not None:
        about &= Q(notice_id=notice_id)
    if subject_uid is not None:
        about &= Q(subject_uid=subject_uid)
    with transaction.atomic():
        numbers = list(Link.objects.select_for_update().filter(about).values_list("pk", flat=True))
        note_ended(LINK, [str(number) for number in numbers], at=now)
        return Link.objects.filter(pk__in=numbers).update(ended_at=now)


def take_back(link_ids: Sequence[int], *, now: datetime) -> int:
    """Remove links that were used up, or that stood in a mail that did not leave, and return how many."""
    with transaction.atomic():
        note_ended(LINK, [str(number) for number in link_ids], at=now)
        return Link.objects.filter(pk__in=list(link_ids)).delete()[0]


def forget_links(*, subject_uids: Sequence[uuid.UUID]) -> int:
    """Remove every trace of the links of some subjects: they were erased."""
    return Link.objects.filter(subject_uid__in=subject_uids).delete()[0]


def sweep(*, now: datetime) -> int:
    """Remove links that have been over for thirty days; nothing depends on it for safety."""
    over = now - timedelta(days=30)
    return Link.objects.filter(Q(expires_at__lt=over) | Q(ended_at__lt=over)).delete()[0]


def _found(which: Q, now: datetime, *, by_code: bool) -> LinkFacts | None:
    row = Link.objects.filter(which, ended_at__isnull=True, expires_at__gt=now).first()
    if row is None or row.account_id is None:
        return _facts(row, by_code=by_code) if row else None
    known = list_representing(organisation_uids(row.subject_uid), now=now)
    scopes = next((each.scopes for each in known if each.account_id == row.account_id), frozenset[str]())
    return replace(_facts(row, by_code=by_code), may_decide=DECIDE in scopes) if scopes else None


def _facts(row: Link, *, by_code: bool) -> LinkFacts:
    held = frozenset(row.held_by.split())
    return LinkFacts(row.pk, row.subject_uid, row.notice_id, row.channel, row.made_at, row.expires_at, by_code, held)


def _seed(link_id: int) -> uuid.UUID:
    return Link.objects.values_list("seed", flat=True).get(pk=link_id)


def _token(seed: uuid.UUID) -> str:
    return urlsafe_b64encode(_derived("token", seed.bytes)).decode().rstrip("=")


def _code(seed: uuid.UUID) -> str:
    return code_of(_derived("code", seed.bytes))


def _digest(secret: str) -> str:
    return _derived("digest", secret.encode("utf-8", "surrogatepass")).hex()


def _derived(purpose: str, about: bytes) -> bytes:
    key = hmac.digest(settings.SECRET_KEY.encode(), f"datacoop link {purpose}".encode(), "sha256")
    return hmac.digest(key, about, "sha256")
