"""Answers by paper or telephone, entered by a steward with the short code: narrowing at once, widening by post.

Whoever has a letter in hand may ask to hide; to show more, the code of a second letter has to come back first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from datacoop.accounts.proofs import LETTER_CODE
from datacoop.charter.queries import current
from datacoop.consent.queries import last_word
from datacoop.disclosure.own.subjects import groups_of
from datacoop.disclosure.own.telling import own_records
from datacoop.kinds.definition import kind as kind_named
from datacoop.rights.actions.answering import Answerer, Overtaken, ProofNeeded, answer
from datacoop.rights.actions.leaving import read_anew
from datacoop.rights.links import LETTER, LinkFacts, Wanted, find_code, make_links, take_back
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.notices import Notice
from datacoop.rights.rules.answers import Asked, Meaning, Spoken, chosen
from datacoop.sources.spoken import sources_of

#: What came of an entry: it holds; part of it waits for a code by post; it would, but no address is known; somebody
#: decided since; the code opens nothing.
DONE, WAITS, NO_ADDRESS, OVERTAKEN, UNKNOWN = "done", "waits", "no_address", "overtaken", "unknown"
#: Of a confirmation: it is the hand that entered or printed it; its letter is not posted yet, or only just.
SAME_HAND, NOT_POSTED, TOO_EARLY = "same_hand", "not_posted", "too_early"


@dataclass(frozen=True)
class Entry:
    """What a steward reads on a slip or hears: the code, one of the three choices, and how it came."""

    code: str
    choice: str
    method: str


def enter_answer(*, entry: Entry, actor: str, now: datetime) -> tuple[str, int | None]:
    """Enter an answer; return what came of it, and the number of what waits for a code, if anything does.

    Raises: ValueError for another choice or method.
    """
    if entry.method not in {"paper", "telephone"}:
        raise ValueError("An answer is entered from paper or from the telephone.")
    link = find_code(entry.code, now=now)
    notice = _notice_of(link)
    if link is None or notice is None:
        return UNKNOWN, None
    by, meaning = _answerer(link, notice, actor, entry.method), _meaning(link, notice, entry.choice, now)
    reason = "entered from a reply"
    try:
        answer(by=by, meaning=meaning, seen=None, now=now, reason=reason)
    except ProofNeeded:
        hides = Meaning(tuple(word for word in meaning.words if word.shows is False))
        answer(by=by, meaning=hides, seen=None, now=now, reason=reason)
        return _wait(entry, link, notice, actor, now)
    _answered(notice, now)
    return DONE, None


def confirm_answer(*, code: str, actor: str, now: datetime) -> str:
    """Do what waited for this code and return DONE, OVERTAKEN where somebody decided since, UNKNOWN for any other.

    SAME_HAND, NOT_POSTED and TOO_EARLY leave it waiting: whoever heard the answer, or held the letter, does not
    confirm it, and no code comes back faster than the post.
    """
    link = find_code(code, now=now)
    row = PendingAnswer.objects.filter(link_id=link.id, settled_at=None).first() if link else None
    notice = _notice_of(link)
    if link is None or row is None or notice is None:
        return UNKNOWN
    if (held_back := _held_back(row, actor, now)) is not None:
        return held_back
    by = replace(_answerer(link, notice, actor, row.method), proof=LETTER_CODE, method=LETTER_CODE)
    outcome = DONE
    try:
        meaning = _meaning(link, notice, row.choice, now)
        answer(by=by, meaning=meaning, seen=row.seen, now=now, reason="confirmed by post")
    except Overtaken:
        outcome = OVERTAKEN
    PendingAnswer.objects.filter(pk=row.pk, settled_at=None).update(settled_at=now)
    take_back([link.id], now=now)
    if outcome == DONE:
        _answered(notice, now)
    return outcome


def note_confirmation_posted(*, pending: int, now: datetime) -> bool:
    """Note that the letter of an answer that waits was posted; False where it is not printed, or was posted before."""
    rows = PendingAnswer.objects.filter(pk=pending, settled_at=None, posted_at=None, printed_at__isnull=False)
    return bool(rows.update(posted_at=now))


def _held_back(row: PendingAnswer, actor: str, now: datetime) -> str | None:
    if actor == row.entered_by or actor in row.printed_by.split():
        return SAME_HAND
    if row.posted_at is None:
        return NOT_POSTED
    return TOO_EARLY if now < row.posted_at + timedelta(days=settings.DATACOOP_CONFIRM_DAYS) else None


def _wait(entry: Entry, link: LinkFacts, notice: Notice, actor: str, now: datetime) -> tuple[str, int | None]:
    known = read_anew(notice)
    if known is None or not known.address:
        return NO_ADDRESS, None
    (letter,) = make_links([Wanted(link.subject_uid, LETTER, notice.pk)], now=now)
    groups = groups_of(link.subject_uid)
    row = PendingAnswer.objects.create(
        subject_uid=link.subject_uid, notice_id=notice.pk, choice=entry.choice, method=entry.method,
        language=known.language, link_id=letter, seen=last_word([m for group in groups for m in group.members]),
        entered_by=actor, entered_at=now,
    )  # fmt: skip
    return WAITS, int(row.pk)


def _meaning(link: LinkFacts, notice: Notice, choice: str, now: datetime) -> Meaning:
    records = own_records(link.subject_uid, now=now, sources=sources_of(notice.holder_id))
    asked = [
        Asked(each.id, kind_named(each.kind), tuple(Spoken(a, name or None, shows) for a, name, shows in each.standing))
        for each in records
    ]
    return chosen(choice, asked, current("choices").text)


def _answerer(link: LinkFacts, notice: Notice, actor: str, method: str) -> Answerer:
    version = f"notice {notice.text_version}" if notice.text_version else ""
    return Answerer(
        link.subject_uid, actor, None, frozenset(sources_of(notice.holder_id)), "steward", notice.language, version,
        notice.text_sha256, method,
    )  # fmt: skip


def _notice_of(link: LinkFacts | None) -> Notice | None:
    if link is None or link.notice_id is None:
        return None
    return Notice.objects.select_related("holder", "sending").filter(pk=link.notice_id).first()


def _answered(notice: Notice, now: datetime) -> None:
    Notice.objects.filter(pk=notice.pk).update(state=Notice.ANSWERED, answered_at=now)
