"""The notices of a holder at its desk: how many in which state, the text, one of the two hands, stop, files to post."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.charter.controller import controller
from datacoop.portal.asking import is_number
from datacoop.portal.cards import day_of
from datacoop.portal.catalogue import say
from datacoop.portal.pages import missing, page
from datacoop.portal.sendings import letters_shown, needs_said, pressed, text_shown, told_of
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.agreeing import agreed
from datacoop.portal.views.desk.guarding import Desk, at_desk
from datacoop.rights.actions.agreeing import NoAgreement
from datacoop.rights.actions.sampling import WHOSE, sample_picture
from datacoop.rights.actions.sending import ZONE, NotPrepared, Plan, prepare
from datacoop.rights.queries.logos import find_logo
from datacoop.rights.queries.notices import count_states, list_sendings
from datacoop.rights.queries.reminders import count_silent
from datacoop.rights.rules.notices import MOST_PER_DAY, PER_DAY
from datacoop.rights.rules.sending import CHANNELS
from datacoop.rights.wording import LANGUAGES

#: In the order they come about.
STATES = ("waiting", "sent", "told", "answered", "known", "returned", "lapsed")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@agreed
def notices(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page; POST prepares, presses, stops, or hands out what is posted by hand."""
    problem = ""
    if request.method == "POST":
        done = _prepared(request, desk) if request.POST.get("step") == "prepare" else _pressed(request, desk)
        if isinstance(done, HttpResponse):
            return done
        if not done:
            return redirect(f"{desk.address}/notices")
        problem = done
    counts = count_states(desk.holder.uid)
    values = {
        "desk": desk,
        "problem": problem,
        "needs": needs_said(),
        "counts": [(f"notices.state.{each}", counts.get(each, 0)) for each in STATES if counts.get(each)],
        "waiting": counts.get("waiting", 0),
        "silent": _silent(desk),
        "sendings": [told_of(each) for each in list_sendings(holder=desk.holder.uid)],
        "channels": [(each, f"notices.channel.{each}") for each in CHANNELS],
        "today": datetime.now(UTC).astimezone(ZONE).date().isoformat(),
        "per_day": PER_DAY,
        "most": MOST_PER_DAY,
        "logo_at": desk.address if find_logo(desk.holder.uid) else "",
        "texts": text_shown(desk.holder.name, language()),
        "letters": letters_shown(desk.holder.uid),
        "snippet": snippet_of(desk.holder.name),
    }
    return page(request, "desk/notices", values, status=422 if problem else 200)


@require_safe
@at_desk
def letter_picture(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A letter as it would be printed, to somebody invented: one language, or all of them."""
    whose, spoken = request.GET.get("whose", ""), request.GET.get("language", "") or language()
    if whose not in WHOSE or (spoken != "all" and spoken not in LANGUAGES):
        return missing(request)
    made = sample_picture(
        holder=desk.holder.uid, name=desk.holder.name, whose=whose, language=spoken, now=datetime.now(UTC)
    )
    return HttpResponse(made, content_type="image/png")


def _pressed(request: HttpRequest, desk: Desk) -> str | HttpResponse:
    """A steward at a holder's desk may stop and print; the holder's hand is the holder's."""
    if desk.for_steward and request.POST.get("step") == "press":
        return "notices.problem.not_yours"
    return pressed(request, holder=desk.holder.uid, actor=desk.actor)


def _prepared(request: HttpRequest, desk: Desk) -> str:
    first_on, per_day = day_of(request.POST.get("first_on")), request.POST.get("per_day", "")
    if first_on is None:
        return "notices.problem.first_on"
    is_reminder = request.POST.get("kind") == "reminder"
    plan = Plan(request.POST.get("channel", ""), first_on, int(per_day) if is_number(per_day) else 0, is_reminder)
    try:
        prepare(holder=desk.holder.uid, plan=plan, actor=desk.actor, now=datetime.now(UTC))
    except NotPrepared as refused:
        return f"notices.problem.{refused.code}"
    except NoAgreement:
        return "notices.problem.agreement"
    return ""


def _silent(desk: Desk) -> list[tuple[str, str, int]]:
    """Channels by which somebody was told, said nothing, and is to be reminded by hand."""
    counts = count_silent(desk.holder.uid, now=datetime.now(UTC))
    return [(channel, f"notices.channel.{channel}", count) for channel, count in counts.items()]


def snippet_of(holder: str) -> str:
    """A part of the holder's own site: the code is sent in the request's body, where no log keeps it."""
    address, spoken = settings.DATACOOP_BASE_URL, language()

    def words(key: str, **values: str) -> str:
        return escape(say(spoken, f"notices.snippet_says.{key}", **values), quote=False)

    return (
        f'<section lang="{spoken}">\n'
        f"  <h2>{words('title')}</h2>\n"
        f"  <p>{words('text', holder=holder, controller=controller().name)}</p>\n"
        f'  <form action="{address}/code" method="post">\n'
        f'    <label>{words("code")} <input name="code" autocomplete="off" required></label>\n'
        f"    <button>{words('open')}</button>\n"
        "  </form>\n"
        f'  <p><a href="{address}/genuine">{words("check")}</a></p>\n'
        "</section>"
    )
