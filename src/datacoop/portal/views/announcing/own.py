"""What an organiser's pages know of its activities: its own word and that of lists, as one item each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from datacoop.directory import slugs
from datacoop.disclosure.own.telling import OwnRecord, own_records
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.announcing import KIND
from datacoop.portal.dating import Shown, coming, first_date, rhythm_said
from datacoop.portal.own import Visitor, proven_only
from datacoop.portal.pages import View, missing
from datacoop.portal.templatetags.portal import language


@dataclass(frozen=True)
class OwnActivity:
    """One activity as its organiser has it. `holders` are those whose lists tell it."""

    record: OwnRecord
    item: dict[str, Any]
    holders: tuple[str, ...]
    is_confirmed: bool
    is_withdrawn: bool
    next: tuple[Shown, ...] = ()
    first: Shown | None = None
    rhythm: str = field(default="")

    @property
    def title(self) -> str:
        """How it is called."""
        return str(self.item.get("title", ""))

    @property
    def status(self) -> str:
        """What is said of all its dates."""
        return str(self.item.get("status", ""))

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is to come."""
        return not self.next

    @property
    def public_page(self) -> str:
        """Where everybody reads it, while it is shown."""
        return slugs.page_path(KIND, self.title, str(self.record.uid)) or ""


def own_activities(subject: UUID, *, now: datetime, dates: int = 1) -> list[OwnActivity]:
    """Return a subject's activities: what comes next first, what is over last."""
    found = [_told(each, now, dates) for each in own_records(subject, now=now, proven=True) if each.kind == KIND]
    return sorted(found, key=lambda each: (each.is_over, each.next[0].machine if each.next else "", each.title))


def find_own(subject: UUID, uid: UUID, *, now: datetime, dates: int = 1) -> OwnActivity | None:
    """Return one of a subject's activities, None where it is none of them."""
    records = own_records(subject, now=now, proven=True)
    return next((_told(each, now, dates) for each in records if each.kind == KIND and each.uid == uid), None)


def for_activity(view: Callable[..., HttpResponseBase]) -> View:
    """Let in who speaks for the organiser; the view gets the `OwnActivity` in place of its uid."""

    @wraps(view)
    def guarded(request: HttpRequest, visitor: Visitor, activity: UUID) -> HttpResponseBase:
        found = find_own(visitor.subject, activity, now=datetime.now().astimezone(), dates=30)
        return missing(request) if found is None else view(request, visitor, found)

    return proven_only(guarded)


def _told(record: OwnRecord, now: datetime, dates: int) -> OwnActivity:
    item = _item(record)
    return OwnActivity(
        record, item,
        holders=tuple(dict.fromkeys(value.holder for value in record.values if value.holder)),
        is_confirmed=any(value.said_by == "subject" and value.source_id is None for value in record.values),
        is_withdrawn=("public", "", False) in record.standing,
        next=tuple(coming(item, now, dates)), first=first_date(item), rhythm=rhythm_said(item, language()),
    )  # fmt: skip


def _item(record: OwnRecord) -> dict[str, Any]:
    """Return what wins, by property, as an answer of the API has it; whom it refers to is left out."""
    kind, item = kind_named(record.kind), dict[str, Any]()
    for value in record.values:
        prop = kind.property(value.property)
        if not value.is_winning or prop.type == "reference":
            continue
        if prop.many:
            item.setdefault(prop.name, []).append(value.value)
        else:
            item.setdefault(prop.name, value.value)
    return item
