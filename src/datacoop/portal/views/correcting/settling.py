"""A representative answers what others reported about its organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest

from datacoop.disclosure.own.telling import OwnRecord
from datacoop.portal.asking import is_number
from datacoop.portal.own import Visitor
from datacoop.rights.actions.answering import answer
from datacoop.rights.actions.reporting import SettlingRefused, settle_report
from datacoop.rights.queries.foreseeing import asked_of
from datacoop.rights.queries.reports import find_report
from datacoop.rights.rules.answers import hidden
from datacoop.rights.rules.reports import GONE


def settle_own(request: HttpRequest, visitor: Visitor, records: Sequence[OwnRecord], *, now: datetime) -> str:
    """Settle one report as the form says, and return the key of what is wrong, empty where nothing is.

    Accepting that something is gone hides it from everybody; whoever may only correct cannot.
    """
    text = request.POST.get("number", "")
    report = find_report(int(text)) if is_number(text) else None
    about = next((each for each in records if report and each.uid == report.record_uid), None)
    if report is None or about is None:
        return ""
    accepted = request.POST.get("answer") == "accept"
    if accepted and report.kind == GONE:
        if not visitor.may_decide:
            return "correcting.only_deciding"
        answer(by=visitor.answerer(), meaning=hidden(asked_of([about])), seen=None, now=now)
    try:
        settle_report(
            number=report.number, accepted=accepted, reason=request.POST.get("reason", ""), actor=visitor.actor, now=now
        )
    except SettlingRefused:
        return "correcting.reason_needed"
    return ""
