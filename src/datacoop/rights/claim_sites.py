"""Looking at an organisation's published website for the token of a claim. Runs as a job: nobody waits for a server.

Only the very host that everybody sees on the organisation's page is asked, with and without www, and no redirect is
followed: it could lead to somebody else's. Every failure is the same "not found".
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings

from datacoop.rights.actions.claiming import note_looked
from datacoop.rights.claim_links import site_token
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim
from datacoop.rights.rules.claims import WEBSITE, proof_addresses, says_token
from datacoop.sources.fetching import Limits, fetch
from datacoop.sources.reaching import FetchFailed, Reach

_LIMITS = Limits(bytes=500_000, seconds=10.0, step_seconds=5.0, redirects=0)
_AGENT = "datacoop-claim"


def look_at_site(*, now: datetime, claim: int) -> None:
    """Look where the token may stand, until it is found, and note what came of it."""
    found = find_claim(claim)
    if found is None or found.method != WEBSITE or not found.is_open(now):
        return
    token = site_token(found.seed)
    addresses = proof_addresses(published(found.subject_uid).website)
    note_looked(claim_id=claim, found=any(says_token(_text(each), token) for each in addresses), now=now)


def _text(address: str) -> str:
    """Return what stands at an address, nothing where it cannot be had."""
    reach = Reach(settings.DATACOOP_PULL_HOSTS)
    with tempfile.TemporaryDirectory() as folder:
        try:
            fetched = fetch(address, into=Path(folder), limits=_LIMITS, reach=reach, agent=_AGENT)
        except FetchFailed:
            return ""
        return fetched.path.read_bytes().decode("utf-8", "replace") if fetched.path else ""
