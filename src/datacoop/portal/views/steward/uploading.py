"""Bringing in a list: the file, its mapping, a trial, the import, the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.portal import uploads
from datacoop.portal.cards import day_of
from datacoop.portal.catalogue import say
from datacoop.portal.pages import page
from datacoop.portal.targets import targets_of
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.portal.views.steward.telling import Refusal, refusal_of, told
from datacoop.sources.actions import UnclearListError
from datacoop.sources.countries import CANDIDATES
from datacoop.sources.mapping import knows_header
from datacoop.sources.queries import list_lists
from datacoop.sources.readers.reading import read
from datacoop.sources.readers.table import ListRefused

_SAMPLE_ROWS, _SAMPLES, _LONGEST_SAMPLE = 200, 3, 60


@dataclass(frozen=True)
class Column:
    """One column of the sender's own file, as the preview shows it."""

    field: str
    name: str
    target: str
    confidence: int
    samples: tuple[str, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def upload(request: HttpRequest) -> HttpResponse:
    """The form, and the file it sends."""
    problem = ""
    if request.method == "POST":
        sent, wished = request.FILES.get("file"), _wished(request.POST, request.FILES.get("file"))
        if not isinstance(sent, UploadedFile) or not wished.holder:
            problem = "steward.missing_field"
        elif (sent.size or 0) > uploads.MOST_BYTES:
            problem = "steward.too_large"
        else:
            return redirect(f"/steward/upload/{uploads.keep(sent, wished).token}")
    holders = sorted({each.holder for each in list_lists()})
    kinds = [(each.name, each.plural_labels[language()]) for each in all_kinds().values()]
    values = {"holders": holders, "kinds": kinds, "problem": problem, "given": request.POST}
    values["countries"] = _countries()
    values["most"] = uploads.MOST_BYTES // 1_000_000
    return page(request, "steward/upload", values, status=422 if problem else 200)


def _wished(form: QueryDict, sent: object) -> uploads.Wished:
    page_on = day_of(form.get("page_on"))
    return uploads.Wished(
        name=uploads.plain_name(getattr(sent, "name", "") or ""),
        holder=form.get("holder", "").strip()[:200],
        list_name=form.get("list_name", "").strip()[:200],
        kind=kind if (kind := form.get("kind", "")) in all_kinds() else "organisation",
        published="published" in form,
        page=form.get("page", "").strip()[:500],
        page_on=page_on.isoformat() if page_on else "",
        partial="partial" in form,
        accept_removals="accept_removals" in form,
        with_persons="with_persons" in form,
        country=_country(form),
    )


def _country(form: QueryDict) -> str:
    return country if (country := form.get("country", "")) in CANDIDATES else ""


def _countries() -> list[tuple[str, str]]:
    named = [(code, say(language(), f"steward.countries.{code}")) for code in CANDIDATES]
    return [("", say(language(), "steward.country_auto")), *named]


def _told_later(wished: uploads.Wished, form: QueryDict) -> uploads.Wished:
    """What was said in the first form, with what the preview's own form says since."""
    return replace(
        wished,
        country=_country(form) if "country" in form else wished.country,
        partial=wished.partial or "partial" in form,
        accept_removals=wished.accept_removals or "accept_removals" in form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """The mapping to confirm; POST tries it, brings the list in, or throws the file away."""
    kept = uploads.find(token)
    if kept is None:
        return page(request, "steward/upload_gone", status=404)
    if request.method != "POST":
        report, refusal = _run(kept.intake(None, dry_run=True), actor_of(request))
        return _shown(request, kept, report, {"refusal": refusal})
    step = request.POST.get("step", "")
    if step == "discard":
        uploads.discard(token)
        return redirect("/steward/")
    mapping = _mapping(request.POST)
    kept = replace(kept, wished=_told_later(kept.wished, request.POST))
    report, refusal = _run(kept.intake(mapping, dry_run=step != "import"), actor_of(request))
    if step == "import" and not refusal:
        uploads.discard(token)
        return page(request, "steward/upload_done", {"report": told(report), "wished": kept.wished})
    if step == "import" and refusal and refusal.is_vanished:
        # The trial alone tells what the rows that are there would show.
        report, _ = _run(kept.intake(mapping, dry_run=True), actor_of(request))
    return _shown(request, kept, report, {"refusal": refusal, "is_refused": step == "import"})


def _run(intake: Intake, actor: str) -> tuple[Report | None, Refusal | None]:
    """The report, and why nothing was brought in, None if nothing is wrong."""
    try:
        return contribute(intake, actor=actor), None
    except ContributionRefused as refused:
        return refused.report, refusal_of(refused)
    except UnclearListError as unclear:
        return None, refusal_of(unclear)


def _shown(
    request: HttpRequest, kept: uploads.Upload, report: Report | None, values: Mapping[str, Any]
) -> HttpResponse:
    columns, targets = _columns(kept, report), targets_of(kind_named(kept.wished.kind), language())
    offered = {path for path, _ in targets}
    # never another choice than the proposed one, silently
    targets += [(target, target) for target in dict.fromkeys(each.target for each in columns) if target not in offered]
    shared = {
        "wished": kept.wished,
        "columns": columns,
        "targets": targets,
        "countries": _countries(),
        "ticked": {name for name in ("partial", "accept_removals") if name in request.POST},
        "report": told(report) if report and report.format else None,
    }
    return page(request, "steward/upload_preview", {**shared, **values})


def _columns(kept: uploads.Upload, report: Report | None) -> list[Column]:
    samples = _samples(kept)
    return [
        Column(
            field=f"column-{number}",
            name=str(each["column"]),
            target=str(each["property"] or ""),
            confidence=round(100 * float(str(each["confidence"]))),
            samples=samples.get(str(each["column"]), ()),
        )
        for number, each in enumerate(report.mapping if report else ())
    ]


def _samples(kept: uploads.Upload) -> dict[str, tuple[str, ...]]:
    """A few different values of each column: the sender's own file, shown back to whoever sent it."""
    kind = kind_named(kept.wished.kind)
    try:
        rows = list(islice(read(kept.file, knows=lambda label: knows_header(label, kind)).rows, _SAMPLE_ROWS))
    except ListRefused:
        return {}
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for column, value in row.values.items():
            seen = found.setdefault(column, {})
            if len(seen) < _SAMPLES:
                seen[str(value)[:_LONGEST_SAMPLE]] = None
    return {column: tuple(seen) for column, seen in found.items()}


def _mapping(form: QueryDict) -> dict[str, str | None]:
    """Column → property as confirmed in the form; the columns' names travel beside their numbers."""
    mapping: dict[str, str | None] = {}
    for field, name in form.items():
        if field.startswith("name-"):
            target = form.get(f"column-{field.removeprefix('name-')}", "")
            mapping[str(name)] = {"": None, "id": "@id"}.get(target, target)
    return mapping
