"""What anybody may ask for, and how it is dealt with: counts alone, none of fewer than ten (ARCHITECTURE.md, law 2)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.portal.pages import busy, page
from datacoop.rights.queries.requests import public_counts


@require_safe
@busy
def rights(request: HttpRequest) -> HttpResponse:
    """One page for everybody, the same whoever asks."""
    counted = asdict(public_counts(now=datetime.now(UTC)))
    return page(request, "rights", {"counts": [(f"requests.count_{name}", n) for name, n in counted.items()]})
