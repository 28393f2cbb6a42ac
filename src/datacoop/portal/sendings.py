"""What the desk's and the stewards' pages of notices share: the buttons, the preview, the files to post."""

from __future__ import annotations

from datetime import UTC, datetime, time
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from datacoop.portal.asking import is_number
from datacoop.portal.catalogue import say
from datacoop.portal.templatetags.portal import language, short_day
from datacoop.rights.actions import printing, sending
from datacoop.rights.actions.agreeing import NoAgreement
from datacoop.rights.actions.sampling import WHOSE, sample_legal
from datacoop.rights.queries.agreements import find_text
from datacoop.rights.queries.notices import SendingFacts, count_gone, find_sending
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.rules.sending import next_wave
from datacoop.rights.rules.telling import Told, before_the_law
from datacoop.rights.wording import PHRASES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STEPS = {"press": sending.press, "stop": sending.stop, "resume": sending.resume, "discard": sending.discard}


def pressed(request: HttpRequest, *, holder: UUID | None, actor: str) -> str | HttpResponse:
    """Do what a button of a sending says; return the key of what went wrong, empty if nothing, or the file it makes."""
    number, step, now = request.POST.get("sending", ""), request.POST.get("step", ""), datetime.now(UTC)
    found = find_sending(int(number), holder=holder) if is_number(number) else None
    if found is None:
        return "notices.problem.gone"
    try:
        if step in _STEPS:
            _STEPS[step](sending=found.id, holder=holder, actor=actor, now=now)
        elif step == "print":
            return _file(found, actor, now)
        elif step == "posted":
            printing.posted(sending=found.id, channel=found.channel, now=now)
    except NoAgreement:
        return "notices.problem.agreement"
    except sending.NotPressable as refused:
        return f"notices.problem.{refused.code}"
    return ""


def needs_said() -> str:
    """Return in words what the cooperative must give before anything is prepared, sent or signed; empty: nothing."""
    said = []
    for each in list_missing():
        text = find_text(each, language())
        said.append(
            say(language(), "notices.needs.document", title=text.title)
            if text
            else say(language(), f"notices.needs.{each}")
        )
    return ", ".join(said)


def told_of(found: SendingFacts) -> dict[str, object]:
    """Return one sending as pages show it; what will leave too, as long as a hand is missing."""
    is_undecided = found.state == "prepared"
    return {
        "facts": found,
        "channel": f"notices.channel.{found.channel}",
        "state": f"notices.state.{found.state}",
        "cost": f"{found.cost_cents // 100}.{found.cost_cents % 100:02d}",
        "is_open": found.finished_at is None,
        "is_leaving": found.state == "leaving",
        "is_stopped": found.state == "stopped",
        "next": _next_said(found),
        "texts": text_shown(found.holder, language()) if is_undecided else (),
        "letters": letters_shown(found.holder_uid) if is_undecided and found.channel == "letter" else (),
        "is_posted_by_hand": found.channel != "mail",
        "may_print": datetime.now(UTC).astimezone(sending.ZONE).date() >= found.first_on,
    }


def _next_said(found: SendingFacts) -> str:
    """Return in words when the next of a sending leave; empty where none will."""
    if found.state not in ("prepared", "leaving"):
        return ""
    today = datetime.now(UTC).astimezone(sending.ZONE).date()
    gone = count_gone(found.id, since=datetime.combine(today, time(), sending.ZONE))
    when = next_wave(per_day=found.per_day, sent_today=gone, today=today, first_on=found.first_on)
    said = say(language(), "notices.next_today") if when == today else short_day(when)
    return say(language(), "notices.next_once", day=said) if found.state == "prepared" else said


def text_shown(holder: str, spoken: str) -> list[tuple[str, str, bool]]:
    """Return what leaves in a holder's name, by invented examples: (what for, text, whether a logo stands above it)."""
    address = "…"
    examples = (
        ("notices.text_person", Told(holder, True, True, "", "treasurer", "culture/chant", address)),
        ("notices.text_shared", Told(holder, True, False, address=address)),
        ("notices.text_organisation", Told(holder, False, True, "…", address=address)),
    )
    first = [(key, before_the_law(PHRASES.say, [spoken], [told]), told.is_safe) for key, told in examples]
    return first + [(f"notices.legal.{whose}", sample_legal(holder, whose, spoken), False) for whose in WHOSE]


def letters_shown(holder: UUID) -> list[tuple[str, str]]:
    """Return the pictures of the letters that would be printed: (what for, address)."""
    return [(f"notices.picture.{whose}", f"/desk/{holder}/notices/letter.png?whose={whose}") for whose in WHOSE]


def _file(found: SendingFacts, actor: str, now: datetime) -> HttpResponse:
    is_letters = found.channel == "letter"
    made, _ = (printing.letters_pdf if is_letters else printing.merge_workbook)(sending=found.id, actor=actor, now=now)
    response = HttpResponse(made, content_type="application/pdf" if is_letters else XLSX)
    name = f"{found.channel}{'-reminder' if found.is_reminder else ''}-{found.id}"
    ending = "pdf" if is_letters else "xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
