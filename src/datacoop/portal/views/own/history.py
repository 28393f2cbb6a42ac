"""What happened to what is said of somebody: who did what, when and why, with receipts and proofs to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.charter.controller import controller
from datacoop.consent.queries import list_agreements, shipped_terms
from datacoop.consent.receipt_form import Controller
from datacoop.consent.receipts import NoReceipt, receipt
from datacoop.disclosure.own.history import Event, history, proof, was_answered_by
from datacoop.kinds.definition import kind as kind_named
from datacoop.ledger.checkpoints import Forked
from datacoop.ledger.signing import KeyUnusable
from datacoop.portal.catalogue import say
from datacoop.portal.own import Visitor, for_subject, proven_only
from datacoop.portal.pages import contact, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.paging import paged
from datacoop.records.proving import NothingToProve

_KNOWN_READERS = frozenset({"public", "cooperators", "public-bodies", "non-profits", "commercial"})
_WHATS = {
    "decided": "history.what_decided",
    "restricted": "history.what_restricted",
    "lifted": "history.what_lifted",
    "indexing": "history.what_indexing",
    "objected": "history.what_objected",
    "told": "history.what_told",
    "merged": "history.what_merged",
    "split": "history.what_split",
    "judged": "history.what_judged",
    "entered": "history.what_entered",
    "confirmed": "history.what_confirmed",
    "looked": "history.what_looked",
    "named": "history.what_named",
    "named_undone": "history.what_named_undone",
    "erase": "history.what_erase",
    "received": "history.what_received",
    "sent": "history.what_sent",
    "reminded": "history.what_reminded",
    "returned": "history.what_returned",
    "rights": "history.what_rights",
    "representing": "history.what_representing",
    "noted": "history.what_noted",
}
_WHOS = {
    "self": "history.who_self",
    "representative": "history.who_representative",
    "guardian": "history.who_guardian",
    "steward": "history.who_steward",
    "holder": "history.who_holder",
    "house": "history.who_house",
    "client": "history.who_client",
}
_KEYS = ".well-known/jwks.json"


@require_safe
@proven_only
def own_history(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show everything that happened, the newest first."""
    events = history(visitor.subject)
    readers = _readers()
    shown = paged(request, events)
    shown["lines"] = [_line(each, readers) for each in shown["lines"]]
    values = {
        "visitor": visitor,
        "here_is": "history",
        "count": len(events),
        "keys": urljoin(f"{settings.DATACOOP_BASE_URL}/", _KEYS),
        "commands": [
            f"datacoop verify --keys jwks.json --{name}" for name in ("receipt receipt.jws", "proof proof.json")
        ],
    }
    return page(request, "own/history", {**values, **shown})


@require_safe
@for_subject
def own_receipt(request: HttpRequest, visitor: Visitor, revision: int) -> HttpResponse:
    """Hand out the receipt of one answer: to whoever proved who they are, and to the link that gave this answer."""
    if not visitor.is_proven and not was_answered_by(revision, visitor.actor):
        return page(request, "own/prove_first", {"visitor": visitor, "back": request.path}, status=403)
    try:
        token = receipt(subject=visitor.subject, revision=revision, controller=_controller(), now=datetime.now(UTC))
    except NoReceipt:
        return missing(request)
    except (Forked, KeyUnusable):
        return page(request, "busy", status=503)
    return _file(token, "application/jose", f"{say(language(), 'history.receipt_file')}-{revision}.jws")


@require_safe
@proven_only
def own_proof(request: HttpRequest, visitor: Visitor, entry: int) -> HttpResponse:
    """Hand out what anybody needs to check one line. It may sign the chain as it stands; nothing else changes."""
    try:
        found = proof(visitor.subject, entry, now=datetime.now(UTC))
    except NothingToProve:
        return missing(request)
    except (Forked, KeyUnusable):
        return page(request, "busy", status=503)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return _file(text, "application/json", f"{say(language(), 'history.proof_file')}-{entry}.json")


def _file(text: str, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _controller() -> Controller:
    base, found = str(settings.DATACOOP_BASE_URL), controller()
    return Controller(base, found.name, ", ".join(found.address) or base, urljoin(f"{base}/", contact()), found.country)


def _line(event: Event, readers: Mapping[str, str]) -> dict[str, object]:
    """One line in words."""
    decided = event.decided.words if event.decided else ()
    return {
        "event": event,
        "what": say(language(), _WHATS[event.what]),
        "who": event.of if event.who in ("holder", "client") and event.of else say(language(), _WHOS[event.who]),
        "of": "" if event.who in ("holder", "client") else event.of,
        "words": [
            {
                "label": kind_named(kind).property(name).labels[language()] if name else say(language(), "history.all"),
                "reader": readers.get(audience, audience),
                "shows": shows,
                "until": until,
            }
            for kind, name, audience, shows, until in decided
        ],
        "is_taken_back": event.what == "decided" and not decided,
    }


def _readers() -> dict[str, str]:
    """Who can be decided for, by key, in words."""
    keys = {"public": "public", "cooperators": "cooperators", **{f"terms:{each}": each for each in shipped_terms()}}
    named = {
        key: say(language(), f"steward.readers.{name}") if name in _KNOWN_READERS else name
        for key, name in keys.items()
    }
    return named | {f"agreement:{each.uid}": each.name for each in list_agreements()}
