"""What is said to whoever asks for too much: how long to wait, and where all of it is to be had in one answer."""

from __future__ import annotations

from typing import Final

from datacoop.api.calls import Standing
from datacoop.api.problems import Problem
from datacoop.api.routes import PREFIX
from datacoop.api.site import Site
from datacoop.kinds.definition import all_kinds

_WORDS: Final = {
    "pages": "Whoever wants everything takes an export, and then what changed since: neither is cut into pages.",
    "records": "Whoever wants many takes an export; whoever needs contacts too, applies at {base}/clients/apply.",
    "exports": "What changed since an export is told by the feed, from the `Changes-After` that came with it.",
    "address": "Whoever needs more of it applies as a client at {base}/clients/apply.",
    "client": "Your agreement says how many requests a minute it allows; ask the cooperative for more.",
}


def too_many(standing: Standing, site: Site) -> Problem:
    """The problem of a budget that is spent. It depends on the request and on who asks, on nothing that is kept."""
    more: dict[str, object] = {"violated-policies": [standing.lacking]}
    if standing.lacking in ("pages", "records"):
        kinds = [kind for kind in all_kinds().values() if kind.list_route]
        more["exports"] = [f"{site.base_url}{PREFIX}exports/{kind.plural}.ndjson" for kind in kinds]
    if standing.lacking in ("pages", "records", "exports"):
        more["changes"] = f"{site.base_url}{PREFIX}changes"
    wait = ((b"retry-after", b"%d" % standing.wait),)
    return Problem("too-many-requests", _WORDS[standing.lacking].format(base=site.base_url), headers=wait, more=more)
