"""The key with which a holder's own program sends lists: made, shown once, followed by another, taken back.

For whoever acts for the holder, and for nobody else: stewards have the command.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.holding import end_key, give_key, key_of
from datacoop.accounts.queries import find_secret
from datacoop.accounts.rules import OVERLAP
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import page
from datacoop.portal.views.desk.guarding import Desk, at_desk
from datacoop.rights.queries.agreements import has_agreement

#: How long the secret before opens too, by what is pressed.
_OVERLAPS: Final = {"make": OVERLAP, "replace": timedelta()}
_END: Final = "end"
#: Said in full, so that only the token is to be filled in; the key's own id and secret stand above.
_ASKED: Final = """\
curl --user '{client_id}' \\
  --data grant_type=client_credentials {base}/oauth/token"""
_SENT: Final = """\
curl --header "Authorization: Bearer $TOKEN" --header "Content-Type: text/csv" \\
  --header "Idempotency-Key: $(uuidgen)" \\
  --data-binary @changes.csv {base}/api/v1/contributions"""


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def key(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Show what there is to say of the key; change it for whoever proved lately that it is them."""
    if not desk.is_own:
        return page(request, "desk/refused", status=403)
    if request.method != "POST":
        return page(request, "desk/key", {**_told(desk), "is_ended": "ended" in request.GET})
    if not is_fresh(request):
        return to_prove(request.path)
    step, now = request.POST.get("step", ""), datetime.now(UTC)
    if step == _END:
        end_key(holder=desk.holder.uid, now=now)
        return redirect(f"{request.path}?ended")
    if step not in _OVERLAPS or not has_agreement(desk.holder.uid):
        return redirect(request.path)
    _, secret = give_key(holder=desk.holder.uid, now=now, overlap=_OVERLAPS[step])
    return page(request, "desk/key", {**_told(desk), "made": secret})


def _told(desk: Desk) -> dict[str, Any]:
    client_id, base = key_of(desk.holder.uid), settings.DATACOOP_BASE_URL
    return {
        "desk": desk,
        "is_signed": has_agreement(desk.holder.uid),
        "client_id": client_id,
        "key": find_secret(client_id, now=datetime.now(UTC)),
        "overlap": OVERLAP.days,
        "examples": [
            ("keys.a_token", _ASKED.format(client_id=client_id, base=base)),
            ("keys.a_list", _SENT.format(base=base)),
        ],
    }
