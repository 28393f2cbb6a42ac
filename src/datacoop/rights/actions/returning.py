"""What came back by post or mail, and who wants no further mail: the steward's entries and the reader's own."""

from __future__ import annotations

from datetime import datetime

from datacoop.consent.minors import is_person
from datacoop.rights.actions.asking_persons import want_no_more
from datacoop.rights.actions.leaving import mark_returned
from datacoop.rights.links import find_code, find_link
from datacoop.rights.models.notices import Notice


def came_back(*, notice_id: int, actor: str, now: datetime) -> bool:
    """Note that a message came back: nobody was told by it. False where nothing is out.

    Also after it counted as delivered: a letter takes its time to come back.
    """
    row = Notice.objects.select_related("holder").filter(pk=notice_id).first()
    if row is None or row.state not in {Notice.SENT, Notice.DELIVERED}:
        return False
    mark_returned(row, now=now, actor=actor)
    return True


def came_back_by_code(*, text: str, actor: str, now: datetime) -> bool:
    """Note that the letter with this code came back; False for a code that opens nothing."""
    link = find_code(text, now=now)
    return bool(link and link.notice_id and came_back(notice_id=link.notice_id, actor=actor, now=now))


def no_more(*, token: str, now: datetime) -> None:
    """Write no further mail about the same content to whoever holds this link. An unknown one changes nothing.

    A person whose link concerns everything is no more asked whether all is still correct.
    """
    link = find_link(token, now=now)
    if link is None:
        return
    if link.notice_id:
        Notice.objects.filter(pk=link.notice_id, quiet_at=None).update(quiet_at=now)
    elif is_person(link.subject_uid):
        want_no_more(subject=link.subject_uid, now=now)
