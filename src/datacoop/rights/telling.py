"""What this room keeps of somebody: notices, the dates of links, their own requests."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from datacoop.records.tellers import Chapter, Concerned, Row
from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.links import Link
from datacoop.rights.models.notices import Notice
from datacoop.rights.models.objections import Objection, Passed
from datacoop.rights.models.reports import Report
from datacoop.rights.queries.requests import requests_of
from datacoop.sources.spoken import holder_names


def tell(concerned: Concerned) -> Iterator[Chapter]:
    """Yield a chapter each. Of links their dates alone: neither they nor their codes are kept."""
    yield Chapter("notices", _notices(concerned))
    links = Link.objects.filter(subject_uid__in=set(concerned.records.values())).order_by("pk")
    yield Chapter(
        "links",
        [
            {
                "record": str(x.subject_uid),
                "channel": x.channel,
                "at": x.made_at,
                "until": x.expires_at,
                "ended": x.ended_at,
                "printed_by": x.held_by,
            }
            for x in links
        ],
    )
    yield Chapter(
        "requests",
        [
            {
                "record": str(r.subject_uid or ""),
                "right": r.kind,
                "state": r.state,
                "actor": r.asked_by,
                "at": r.asked_at,
                "due_at": r.due_at,
                "language": r.language,
                "value": r.words,
                "extended_at": r.extended_at,
                "because": r.refused_because,
                "later_because": r.later_because,
                "settled_by": r.settled_by,
                "settled_at": r.settled_at,
                "reply": r.reply,
            }
            for r in requests_of(concerned.ids)
        ],
    )
    yield from _further(concerned)


def _claims(concerned: Concerned) -> list[Row]:
    mine = Q(subject_uid__in=set(concerned.records.values())) | Q(account_id__in=concerned.accounts)
    return [
        {
            "record": str(c.subject_uid),
            "actor": f"account:{c.account_id}",
            "scope": c.scope,
            "method": c.method,
            "state": c.state,
            "language": c.language,
            "invited_by": f"account:{c.invited_by_id}" if c.invited_by_id else "",
            "hands_over": c.hands_over,
            "at": c.made_at,
            "until": c.expires_at,
            "checked_at": c.checked_at,
            "posted_at": c.posted_at,
            "proven_at": c.proven_at,
            "due_at": c.due_at,
            "granted_at": c.granted_at,
            "frozen_at": c.frozen_at,
            "objected_by": c.objected_by,
            "settled_at": c.settled_at,
            "settled_by": c.settled_by,
            "hands": c.hands,
            "reason": c.reason,
        }
        for c in Claim.objects.filter(mine).order_by("pk")
    ]


def _removals(concerned: Concerned) -> list[Row]:
    mine = Q(subject_uid__in=set(concerned.records.values())) | Q(account_id__in=concerned.accounts)
    return [
        {
            "record": str(r.subject_uid),
            "actor": f"account:{r.account_id}",
            "invited_by": f"account:{r.proposed_by_id}",
            "scope": r.scope,
            "state": r.state,
            "at": r.made_at,
            "due_at": r.due_at,
            "objected_at": r.objected_at,
            "settled_at": r.settled_at,
            "settled_by": r.settled_by,
            "reason": r.reason,
        }
        for r in Removal.objects.filter(mine).order_by("pk")
    ]


def _objections(concerned: Concerned) -> list[Row]:
    names = holder_names()
    made = Objection.objects.filter(record_id__in=concerned.ids).order_by("pk")
    passed = Passed.objects.filter(record_id__in=concerned.ids).order_by("pk")
    told: list[Row] = [
        {
            "record": concerned.name(o.record_id),
            "holder": names.get(o.holder_id, ""),
            "at": o.made_at,
            "state": o.answer,
            "note": o.note,
            "answered_at": o.answered_at,
            "settled_by": o.answered_by,
        }
        for o in made
    ]
    return told + [
        {
            "record": concerned.name(p.record_id),
            "holder": names.get(p.holder_id, ""),
            "property": p.property,
            "at": p.at,
        }
        for p in passed
    ]


def _reports(concerned: Concerned) -> list[Row]:
    """Those about them, and those they wrote or stand in; of the former not who wrote."""
    uids = set(concerned.records.values())
    rows: list[Row] = []
    for report in Report.objects.order_by("pk").iterator():
        wrote = bool(report.email) and concerned.traits.stand_in([report.email])
        names_them = concerned.is_person and concerned.traits.stand_in([report.text, str(report.cells)])
        if report.record_uid in uids or wrote or names_them:
            rows.append(
                {
                    "record": str(report.record_uid or ""),
                    "sort": report.kind,
                    "value": report.text,
                    "cells": report.cells,
                    "email": report.email if wrote else "",
                    "language": report.language,
                    "at": report.created_at,
                    "state": report.state,
                    "reason": report.reason,
                    "settled_at": report.settled_at,
                    "settled_by": report.settled_by,
                }
            )
    return rows


def _answers(concerned: Concerned) -> list[Row]:
    waiting = PendingAnswer.objects.filter(subject_uid__in=set(concerned.records.values())).order_by("pk")
    return [
        {
            "record": str(p.subject_uid),
            "choice": p.choice,
            "method": p.method,
            "language": p.language,
            "actor": p.entered_by,
            "at": p.entered_at,
            "printed_at": p.printed_at,
            "printed_by": p.printed_by,
            "posted_at": p.posted_at,
            "settled_at": p.settled_at,
        }
        for p in waiting
    ]


def _further(concerned: Concerned) -> Iterator[Chapter]:
    """Claims, objections, reports and what else a procedure keeps."""
    yield Chapter("claims", _claims(concerned))
    yield Chapter("removals", _removals(concerned))
    yield Chapter("objections", _objections(concerned))
    yield Chapter("reports", _reports(concerned))
    yield Chapter("waiting_answers", _answers(concerned))
    asked = Confirmation.objects.filter(record_id__in=concerned.ids).order_by("pk")
    yield Chapter(
        "still_correct",
        [
            {
                "record": concerned.name(c.record_id),
                "asked_at": c.asked_at,
                "confirmed_at": c.confirmed_at,
                "looked_at": c.looked_at,
                "quiet_at": c.quiet_at,
            }
            for c in asked
        ],
    )
    signed = ContributionAgreement.objects.exclude(signatory="").select_related("holder").order_by("pk")
    theirs = [c for c in signed if concerned.traits.stand_in([c.signatory])]
    yield Chapter(
        "signatures",
        [
            {"holder": c.holder.name, "name": c.signatory, "at": c.signed_at, "actor": c.signed_by, "ended": c.ended_at}
            for c in theirs
        ],
    )


def _notices(concerned: Concerned) -> list[Row]:
    found = Notice.objects.filter(subject_id__in=concerned.ids).select_related("holder").order_by("pk")
    return [
        {
            "record": concerned.name(n.subject_id),
            "holder": n.holder.name,
            "state": n.state,
            "natural": n.natural,
            "at": n.created_at,
            "due_at": n.due_at,
            "changed_at": n.changed_at,
            "number": n.generation,
            "channel": n.channel,
            "language": n.language,
            "text_version": n.text_version,
            "text_sha256": n.text_sha256,
            "composed_at": n.composed_at,
            "sent_at": n.sent_at,
            "quiet_at": n.quiet_at,
            "delivered_at": n.delivered_at,
            "reminded_at": n.reminded_at,
            "answered_at": n.answered_at,
            "ended": n.ended_at,
        }
        for n in found
    ]
