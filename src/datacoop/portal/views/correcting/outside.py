"""A letter to somebody who keeps a list without us: to be printed from the page, or filled in and taken as PDF."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from datacoop.disclosure.own.telling import own_records
from datacoop.portal.catalogue import say
from datacoop.portal.own import Visitor, proven_only
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import day, language
from datacoop.rights.typesetting import OutsideLetter, outside_pdf

#: What fits on one page: lines of an address (the name stands above the sender's), letters in one, and in the rest.
MOST_LINES, LONGEST_LINE, MOST_LETTERS = 4, 50, 600
_LINES = {"sender": MOST_LINES, "recipient": MOST_LINES, "corrections": 8}


@require_http_methods(["GET", "HEAD", "POST"])
@proven_only
def letter(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """The letter; POST gives it as PDF with what was typed. Nothing is kept of it."""
    now = datetime.now(UTC)
    name = next((each.title for each in own_records(visitor.subject, now=now, proven=True) if each.title), "")
    typed = {field: _lines(request.POST.get(field, "")) for field in _LINES}
    problem = not all(_fits(field, lines) for field, lines in typed.items())
    if request.method == "POST" and not problem:
        return _pdf(_written(name, typed, now))
    values = {
        "visitor": visitor,
        "here_is": "correct",
        "name": name,
        "today": now,
        "problem": problem,
        "given": request.POST,
        "most_lines": MOST_LINES,
        "most_letters": MOST_LETTERS,
    }
    return page(request, "own/correct_letter", values, status=422 if problem else 200)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())


def _fits(field: str, lines: tuple[str, ...]) -> bool:
    if len(lines) > _LINES[field]:
        return False
    if field == "corrections":
        return sum(map(len, lines)) <= MOST_LETTERS
    return all(len(line) <= LONGEST_LINE for line in lines)


def _written(name: str, typed: dict[str, tuple[str, ...]], now: datetime) -> OutsideLetter:
    spoken = language()
    return OutsideLetter(
        language=spoken,
        sender=typed["sender"],
        recipient=typed["recipient"],
        date=str(day(now)),
        subject=say(spoken, "correcting.letter_subject"),
        opening=tuple(
            say(spoken, key)
            for key in ("correcting.letter_hello", "correcting.letter_object", "correcting.letter_correct")
        ),
        corrections=typed["corrections"],
        closing=tuple(say(spoken, key) for key in ("correcting.letter_law", "correcting.letter_answer")),
        regards=say(spoken, "correcting.letter_regards"),
        name=name,
    )


def _pdf(written: OutsideLetter) -> HttpResponse:
    response = HttpResponse(outside_pdf(written), content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="letter.pdf"'
    return response
