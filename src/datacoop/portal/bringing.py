"""The steps of bringing in a list that stewards' and holders' pages share: what the form says, columns, trial."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines import uploads
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.portal.cards import day_of
from datacoop.portal.catalogue import say
from datacoop.portal.targets import targets_of
from datacoop.portal.telling import Refusal, refusal_of, told
from datacoop.portal.templatetags.portal import language
from datacoop.sources.actions import UnclearListError
from datacoop.sources.countries import CANDIDATES
from datacoop.sources.mapping import OWN, knows_header
from datacoop.sources.masking import plain_name
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


@dataclass(frozen=True)
class Sent:
    """What a form brought: the upload to keep, or the key of what is wrong with it."""

    wished: uploads.Wished
    file: UploadedFile[bytes] | None
    problem: str


def sent(request: HttpRequest, *, holder: str) -> Sent:
    """Read the form that sends a file for a holder."""
    file = request.FILES.get("file")
    wished = _wished(request.POST, file, holder)
    if not isinstance(file, UploadedFile) or not wished.holder:
        return Sent(wished, None, "steward.missing_field")
    if (file.size or 0) > uploads.MOST_BYTES:
        return Sent(wished, None, "steward.too_large")
    return Sent(wished, file, "")


def form_values(form: QueryDict, problem: str) -> dict[str, Any]:
    """Return what every form for a file shows."""
    return {
        "kinds": [(each.name, each.plural_labels[language()]) for each in all_kinds().values()],
        "problem": problem,
        "given": form,
        "countries": countries(),
        "most": uploads.MOST_BYTES // 1_000_000,
    }


def told_later(wished: uploads.Wished, form: QueryDict) -> uploads.Wished:
    """Return what was said in the first form, with what the preview's own form says since."""
    return replace(
        wished,
        country=_country(form) if "country" in form else wished.country,
        partial=wished.partial or "partial" in form,
        accept_removals=wished.accept_removals or "accept_removals" in form,
        # Where the preview asks about persons, its answer counts, a tick taken away too.
        with_persons="with_persons" in form if "asks_persons" in form else wished.with_persons,
        accept_unlike=wished.accept_unlike or "accept_unlike" in form,
    )


def mapping_of(form: QueryDict) -> dict[str, str | None]:
    """Return column → property as confirmed in the form; the columns' names travel beside their numbers."""
    mapping: dict[str, str | None] = {}
    for field, name in form.items():
        if field.startswith("name-"):
            target = form.get(f"column-{field.removeprefix('name-')}", "")
            mapping[str(name)] = {"": None, "id": "@id"}.get(target, target)
    return mapping


def run(intake: Intake, actor: str) -> tuple[Report | None, Refusal | None]:
    """Contribute, or try to; return the report, and why nothing was brought in, None if nothing is wrong."""
    try:
        return contribute(intake, actor=actor), None
    except ContributionRefused as refused:
        return refused.report, refusal_of(refused)
    except UnclearListError as unclear:
        return None, refusal_of(unclear)


def preview_values(
    kept: uploads.Upload, report: Report | None, form: QueryDict, *, for_holder: bool = False
) -> dict[str, Any]:
    """Return what a preview shows: columns, what they can become, the trial's report."""
    columns, targets = _columns(kept, report), targets_of(kind_named(kept.wished.kind), language())
    offered = {path for path, _ in targets}
    # never another choice than the proposed one, silently
    targets += [(target, target) for target in dict.fromkeys(each.target for each in columns) if target not in offered]
    return {
        "wished": kept.wished,
        "columns": columns,
        "targets": targets,
        "countries": countries(),
        "persons": report.counts["persons"] if report else 0,
        "ticked": {name for name in ("partial", "accept_removals", "accept_unlike") if name in form},
        "report": told(report, for_holder=for_holder) if report and report.format else None,
    }


def countries() -> list[tuple[str, str]]:
    """Return the countries a list can be of, the empty choice first."""
    named = [(code, say(language(), f"steward.countries.{code}")) for code in CANDIDATES]
    return [("", say(language(), "steward.country_auto")), *named]


def _wished(form: QueryDict, file: object, holder: str) -> uploads.Wished:
    page_on = day_of(form.get("page_on"))
    return uploads.Wished(
        name=plain_name(getattr(file, "name", "") or ""),
        holder=holder.strip()[:200],
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


def _columns(kept: uploads.Upload, report: Report | None) -> list[Column]:
    samples = _samples(kept)
    return [
        Column(
            field=f"column-{number}",
            name=str(each["column"]),
            target=OWN if each.get("own") else str(each["property"] or ""),
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
