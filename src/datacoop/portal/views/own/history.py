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
from datacoop.consent.hearing import shipped_terms
from datacoop.consent.queries import list_agreements
from datacoop.consent.receipt_form import Controller
from datacoop.consent.receipts import NoReceipt, receipt
from datacoop.disclosure.own.history import Event, history, proof, was_answered_by
from datacoop.disclosure.own.telling import own_records
from datacoop.kinds.definition import kind as kind_named
from datacoop.ledger.checkpoints import Forked
from datacoop.ledger.signing import KeyUnusable
from datacoop.portal.catalogue import say
from datacoop.portal.own import Visitor, for_subject, proven_only
from datacoop.portal.pages import contact, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.desk.paging import paged
from datacoop.portal.views.own.calling import own_label
from datacoop.portal.views.own.happened import reason_said, what_said
from datacoop.portal.views.own.wording import heading
from datacoop.records.proving import NothingToProve

_KNOWN_READERS = frozenset({"public", "cooperators", "public-bodies", "non-profits", "commercial"})
_WHOS = {
    "self": "history.who_self",
    "representative": "history.who_representative",
    "guardian": "history.who_guardian",
    "steward": "history.who_steward",
    "holder": "history.who_holder",
    "house": "history.who_house",
    "client": "history.who_client",
    "claimant": "history.who_claimant",
}
_KEYS = ".well-known/jwks.json"


@require_safe
@proven_only
def own_history(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show everything that happened, the newest first."""
    events = history(visitor.subject)
    readers = _readers()
    records = own_records(visitor.subject, now=datetime.now(UTC), proven=True)
    names = {each.id: heading(each, language()) for each in records}
    shown = paged(request, events)
    shown["lines"] = [_line(each, readers, names) for each in shown["lines"]]
    values = {
        "visitor": visitor,
        "here_is": "history",
        "count": len(events),
        "keys": urljoin(f"{settings.DATACOOP_BASE_URL}/", _KEYS),
        "commands": [_command(name, language()) for name in ("receipt", "proof")],
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


def _command(name: str, spoken: str) -> str:
    """Return how a file that this page hands out is checked, under the name that it has then."""
    number, ending = "1", "jws" if name == "receipt" else "json"
    file = f"{say(spoken, f'history.{name}_file')}-{number}.{ending}"
    return f"datacoop verify --keys jwks.json --{name} {file} --language {spoken}"


def _file(text: str, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _controller() -> Controller:
    base, found = str(settings.DATACOOP_BASE_URL), controller()
    return Controller(base, found.name, ", ".join(found.address) or base, urljoin(f"{base}/", contact()), found.country)


def _line(event: Event, readers: Mapping[str, str], names: Mapping[int, str]) -> dict[str, object]:
    """One line in words. `about`: which of several records it is about."""
    decided = event.decided.words if event.decided else ()
    return {
        "event": event,
        "what": what_said(event.kind, event.right, language(), what=event.what),
        "about": [names[each] for each in event.records if each in names] if len(names) > 1 else [],
        "reason": reason_said(event.kind, event.reason, language()),
        "who": event.of if event.who in ("holder", "client") and event.of else say(language(), _WHOS[event.who]),
        "of": "" if event.who in ("holder", "client") else event.of,
        "words": [
            {
                "label": own_label(kind_named(kind).property(name), language())
                if name
                else say(language(), "history.all"),
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
