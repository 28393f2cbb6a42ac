"""The yearly question to persons about what is said of them: one message a year, answered without signing in.

Only whoever let something be shown is asked: of all others nothing is seen that could be out of date. The question goes
to an address the person proved or gave itself, and concerns everything; else to the address a list knows, and concerns
that list, as the notice did: what one list says is not told to another list's address.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from datacoop.accounts.queries import Representative, representatives_of
from datacoop.accounts.rules import SELF
from datacoop.consent.queries import persons_shown
from datacoop.consent.speaking import subject_uids
from datacoop.disclosure.own.reaching import mailboxes_of
from datacoop.disclosure.own.subjects import Group, group_of, groups_of, uids_of_subjects
from datacoop.disclosure.own.telling import own_records
from datacoop.jobs.actions import enqueue
from datacoop.post.mailing import Mail, send
from datacoop.rights.actions.composing import languages_of, mailbox_of
from datacoop.rights.actions.leaving import read_anew
from datacoop.rights.links import MAIL, SHARED, Wanted, get_link, make_links, take_back, token_of
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.models.notices import Notice
from datacoop.rights.queries.safety import channel_of
from datacoop.rights.rules.confirmations import ANSWERS, EVERY, FIRST_AFTER, LOOK_AGAIN, PER_DAY
from datacoop.rights.rules.notices import is_shared_mailbox
from datacoop.rights.rules.telling import MOST_HOLDERS
from datacoop.rights.wording import LANGUAGES, PHRASES

ASK, ASK_ONE = "rights.ask_persons_if_correct", "rights.ask_one_person_if_correct"
#: So many are looked at in a day, to find those that can be asked.
_LOOKED_AT = 10 * PER_DAY


@dataclass(frozen=True)
class About:
    """What one set of three links concerns: everything, or what the list of `holder` says (by its notice)."""

    channel: str
    notice_id: int | None = None
    holder: str = ""


@dataclass(frozen=True)
class Way:
    """Where a person is written to, in which languages, and what the message concerns."""

    email: str
    languages: tuple[str, ...]
    parts: tuple[About, ...]


def ask_persons(*, now: datetime) -> int:
    """Ask some persons, those asked longest ago first, and return how many. A job, once a day.

    Each once a year at most, and not in the year after they last decided anything.
    """
    fresh = Q(asked_at__gt=now - EVERY) | Q(confirmed_at__gt=now - EVERY) | Q(looked_at__gt=now - LOOK_AGAIN)
    fresh |= Q(quiet_at__isnull=False)
    shown = persons_shown(since=now - FIRST_AFTER, now=now)
    due = shown - set(Confirmation.objects.filter(fresh).values_list("record_id", flat=True))
    before = dict(Confirmation.objects.filter(asked_at__isnull=False).values_list("record_id", "asked_at"))
    ordered = sorted(due, key=lambda number: (number in before, before.get(number, now), number))[:_LOOKED_AT]
    asked = 0
    uids = uids_of_subjects(ordered)
    for number in ordered:
        if asked < PER_DAY and number in uids:
            asked += _ask(number, uids[number], fresh, now)
    return asked


def ask_one(*, links: Sequence[int], now: datetime) -> None:
    """Write to one person. A job: address, names and text are found now, and stand nowhere else.

    Where the person is no longer reached as the links were made for, nothing is sent, and they count as not asked.
    """
    found = [get_link(each, now=now) for each in links]
    opens = [each for each in found if each is not None]
    if not opens:
        return
    subject = opens[0].subject_uid
    way = way_to(subject, now=now)
    if way is None or [(p.channel, p.notice_id) for p in way.parts] != [(x.channel, x.notice_id) for x in opens]:
        take_back(links, now=now)
        Confirmation.objects.filter(record_id__in=group_of(subject)).update(asked_at=None, looked_at=now)
        return
    send(_message(way, [token_of(each.id) for each in opens]))


def way_to(subject: uuid.UUID, *, now: datetime) -> Way | None:
    """Return how a person can be asked, None where no mailbox of theirs is known or they want no such mail."""
    notices = list(_answered(subject))
    reached = [(each, known) for each in notices if (known := read_anew(each)) is not None and mailbox_of(known)]
    languages = languages_of(reached[0][1]) if reached else LANGUAGES
    for account in _accounts(subject, now):
        return Way(account.email, _read(account.language) or languages, (About(MAIL),))
    for own in mailboxes_of(subject, by_itself=True):
        if own.natural and not is_shared_mailbox(own.address, own_domains=own.own_domains):
            return Way(own.address, languages, (About(MAIL),))
    if not reached:
        return None
    email = mailbox_of(reached[0][1])
    same = [(each, known) for each, known in reached if mailbox_of(known).casefold() == email.casefold()]
    return Way(
        email,
        languages,
        tuple(About(channel_of(known), each.pk, each.holder.name) for each, known in same[:MOST_HOLDERS]),
    )


def want_no_more(*, subject: uuid.UUID, now: datetime) -> None:
    """Ask a person nothing any more: they pressed it in a message that concerned everything."""
    for record in group_of(subject):
        Confirmation.objects.update_or_create(record_id=record, defaults={"quiet_at": now})


def _ask(number: int, subject: uuid.UUID, fresh: Q, now: datetime) -> bool:
    groups = groups_of(subject)
    if not groups:
        return False
    whole = groups[0].facts
    # Asked, or looked at, under another number that is one with it?
    is_fresh = Confirmation.objects.filter(fresh, record_id__in=groups[0].members).exists()
    way = None if is_fresh or not _has_something_old_to_show(groups, now) else way_to(whole.uid, now=now)
    with transaction.atomic():
        if way is None or whole.id != number:
            Confirmation.objects.update_or_create(record_id=number, defaults={"looked_at": now})
        if way is not None:
            Confirmation.objects.update_or_create(record_id=whole.id, defaults={"asked_at": now})
            links = make_links([Wanted(whole.uid, each.channel, each.notice_id) for each in way.parts], now=now)
            enqueue(name=ASK_ONE, payload={"links": links}, due_at=now, now=now)
    return way is not None


def _has_something_old_to_show(groups: Sequence[Group], now: datetime) -> bool:
    """Whether anybody sees anything of a person, and they decided nothing for a year."""
    words = [word.since for group in groups for word in group.rulings.decisions]
    if not words or max(words) > now - FIRST_AFTER:
        return False
    records = own_records(groups[0].facts.uid, now=now)
    return any(sight.shows for each in records for found in each.sights.values() for sight in found)


def _answered(subject: uuid.UUID) -> Iterable[Notice]:
    """The notices a person answered, the latest first, of which they still want to hear."""
    rows = Notice.objects.select_related("holder").filter(
        natural=True, subject_id__in=group_of(subject), state=Notice.ANSWERED, quiet_at=None
    )
    return rows.order_by("-answered_at", "-pk")


def _accounts(subject: uuid.UUID, now: datetime) -> Iterable[Representative]:
    for uid in sorted(subject_uids(subject)):
        yield from representatives_of(subject_uid=uid, scope=SELF, now=now)


def _read(language: str) -> tuple[str, ...]:
    return (language,) if language in LANGUAGES else ()


def _message(way: Way, tokens: Sequence[str]) -> Mail:
    base = settings.DATACOOP_BASE_URL
    no_more = f"{base}/n/{tokens[0]}/no-more"
    is_shared = any(each.channel == SHARED for each in way.parts)
    texts = []
    for language in way.languages:
        lines = [PHRASES.say(language, f"still.{'shared' if is_shared else 'person'}")]
        for part, token in zip(way.parts, tokens, strict=True):
            lines += [PHRASES.say(language, "still.list", holder=part.holder)] if part.holder else []
            lines.append(PHRASES.say(language, "still.links", **{a: f"{base}/still/{token}/{a}" for a in ANSWERS}))
        lines.append(PHRASES.say(language, "still.end", no_more=no_more))
        texts.append("\n\n".join(lines))
    subject = " / ".join(dict.fromkeys(PHRASES.say(each, "still.subject") for each in way.languages))
    return Mail(way.email, subject, "\n\n".join(texts), way.languages[0], unsubscribe=no_more)
