"""Try with my file: send a list without any account, see what is wrong with it, take the same workbook back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.trying import held, working
from datacoop.pipelines.trying.findings import Finding
from datacoop.portal.catalogue import catalogue, say
from datacoop.portal.limits import ENVELOPE_BYTES, TRIES, network_of
from datacoop.portal.linked import base_url
from datacoop.portal.pages import missing, page
from datacoop.portal.targets import targets_of
from datacoop.portal.telling import place_said
from datacoop.portal.templatetags.portal import language

_MEGABYTE = 1_000_000
_SHOWN = 25
_AGAIN_SECONDS = 3
_STEPS = ("waiting", "reading", "comparing", "writing")
_DOWNLOADS = {
    "workbook": (held.WORKBOOK, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "table": (held.TABLE, "text/csv", "csv"),
}


@dataclass(frozen=True)
class Said:
    """One finding in words."""

    row: int
    column: str
    level: str
    text: str
    link: str


class _Refused(Exception):
    """The file is not taken: the key of the text that says why, and the status."""

    def __init__(self, problem: str, status: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status


# Nobody's session is acted upon, so there is nothing a forged request could borrow; visitors get no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def try_list(request: HttpRequest) -> HttpResponse:
    """What it is, and the form; POST takes the file and leads to its page."""
    most = held.MOST_BYTES // _MEGABYTE
    if request.method != "POST":
        return page(request, "trying", {"most": most})
    try:
        token = _taken(request)
    except _Refused as refused:
        return page(request, "trying", {"problem": refused.problem, "most": most}, status=refused.status)
    working.start(token)
    return _private(redirect(f"/try/{token}"))


def _taken(request: HttpRequest) -> str:
    """Hold the file that was sent and return its token. Raises: _Refused."""
    if not TRIES.allows(network_of(request)):
        raise _Refused("trying.too_often", 429)
    if _length(request) > held.MOST_BYTES + ENVELOPE_BYTES:
        raise _Refused("trying.too_large", 413)
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or not sent.size:
        raise _Refused("trying.no_file", 422)
    if sent.size > held.MOST_BYTES:
        raise _Refused("trying.too_large", 413)
    try:
        return held.keep(sent.chunks(), sent.name or "", held.Wish(_words(language()), base_url()))
    except held.FullHouse:
        raise _Refused("trying.full", 503) from None


@csrf_exempt  # as above: the address alone is the key
@require_http_methods(["GET", "HEAD", "POST"])
def tried(request: HttpRequest, token: str) -> HttpResponse:
    """How far we are, then what was found; POST forgets everything at once."""
    found = held.find(token)
    if found is None:
        return _private(page(request, "trying_gone", status=404))
    if request.method == "POST":
        held.discard(token)
        return _private(page(request, "trying_gone", {"is_deleted": True}))
    state = found.state
    if state.step == "refused":
        values = {"reason": _reason(state), "most": held.MOST_BYTES // _MEGABYTE}
        return _private(page(request, "trying_refused", values))
    if state.step != "done":
        steps = [(f"trying.step.{name}", name == state.step) for name in _STEPS]
        response = page(request, "trying_wait", {"steps": steps})
        response.headers["Refresh"] = str(_AGAIN_SECONDS)  # works without scripts
        return _private(response)
    values = _told(found.report) | {"token": token, "minutes": max(1, round((held.KEPT_SECONDS - found.age) / 60))}
    return _private(page(request, "trying_report", values))


@require_safe
def tried_file(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """The marked workbook, or the separated values with their findings."""
    found = held.find(token)
    file, media_type, ending = _DOWNLOADS[name]
    if found is None or not (found.folder / file).is_file() or found.state.step != "done":
        return _private(missing(request))
    stem = say(language(), "trying.file_name")
    response = HttpResponse((found.folder / file).read_bytes(), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.{ending}"'
    return _private(response)


def _length(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdigit() else 0


def _private(response: HttpResponse) -> HttpResponse:
    """Kept by nobody, found by no search engine, and its address told to nobody."""
    patch_cache_control(response, no_store=True, private=True)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _words(language: str) -> dict[str, str]:
    """The texts that the marked workbook needs, by the part of their key that it knows."""
    texts = catalogue(language)
    found = {f"finding.{k.rpartition('.')[2]}": v for k, v in texts.items() if k.startswith("steward.row_problems.")}
    for family in ("finding", "sheet", "why"):
        start = f"trying.{family}."
        found |= {f"{family}.{key.removeprefix(start)}": text for key, text in texts.items() if key.startswith(start)}
    return found


def _reason(state: held.State) -> str:
    texts = catalogue(language())
    for family in ("trying.refused", "steward.refusals"):
        if f"{family}.{state.reason}" in texts:
            return texts[f"{family}.{state.reason}"] + place_said(state.line, state.column, state.detail)
    return texts["trying.refused.unreadable"]


def _told(report: dict[str, Any]) -> dict[str, Any]:
    labels = dict(targets_of(kind_named("organisation"), language()))
    words = _words(language())
    return {
        "report": report,
        "families": [(f"trying.family.{name}", f"trying.advice.{name}", count) for name, count in report["families"]],
        "columns": [(column, labels.get(_written(target), "")) for column, target in report["columns"]],
        "findings": [_said(row, column, code, gaps, words) for row, column, code, gaps in report["findings"][:_SHOWN]],
        "more": report["more"] + max(0, len(report["findings"]) - _SHOWN),
        "lost": [f"trying.lost.{code}" for code in report["lost"]],
        "person_columns": ", ".join(report["person_columns"]),
        "doubt": _doubted(report.get("doubt")),
        "left_out": _listed(report.get("left_out", ())),
    }


def _doubted(doubt: Sequence[Any] | None) -> str:
    if doubt is None:
        return ""
    code, count, of = doubt
    return say(language(), f"steward.doubts.{code}", count=count, of=of)


def _listed(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:_SHOWN])) + (", …" if len(rows) > _SHOWN else "")


def _written(target: str | None) -> str:
    return {None: "", "@id": "id"}.get(target, target or "")


def _said(row: int, column: str | None, code: str, gaps: dict[str, str | int], words: dict[str, str]) -> Said:
    link = str(gaps.get("link", ""))
    finding = Finding(row, column, code, {name: gap for name, gap in gaps.items() if name != "link"})
    return Said(row, column or "", finding.level, finding.text(words), link.removeprefix(base_url()))
