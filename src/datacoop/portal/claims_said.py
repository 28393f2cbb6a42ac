"""How claims are told on pages: keys of texts for ways, states, scopes and refusals, and what a page shows of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.directory import slugs
from datacoop.rights.published import published
from datacoop.rights.queries.claims import ClaimFacts
from datacoop.rights.rules import claims as rules

METHODS: Final = {
    rules.MAILBOX: "claims.by_mailbox",
    rules.REPRESENTATIVE: "claims.by_representative",
    rules.WEBSITE: "claims.by_website",
    rules.LETTER: "claims.by_letter",
    rules.STEWARD: "claims.by_steward",
    rules.INVITATION: "claims.by_invitation",
}
HINTS: Final = {
    rules.MAILBOX: "claims.by_mailbox_hint",
    rules.REPRESENTATIVE: "claims.by_representative_hint",
    rules.WEBSITE: "claims.by_website_hint",
    rules.LETTER: "claims.by_letter_hint",
    rules.STEWARD: "claims.by_steward_hint",
}
STATES: Final = {
    rules.OPEN: "claims.is_open",
    rules.WAITING: "claims.is_waiting",
    rules.GRANTED: "claims.is_granted",
    rules.FROZEN: "claims.is_frozen",
    rules.REFUSED: "claims.is_refused",
    rules.WITHDRAWN: "claims.is_withdrawn",
    rules.EXPIRED: "claims.is_expired",
}
#: What waits on one steward's word.
VOUCHED: Final = "claims.is_vouched"
SCOPES: Final = {EDIT: "claims.to_edit", DECIDE: "claims.to_decide"}
REFUSALS: Final = {
    "impossible": "claims.no_impossible",
    "represents": "claims.no_represents",
    "running": "claims.no_running",
    "many": "claims.no_many",
    "closed": "claims.no_closed",
    "not-theirs": "claims.no_not_theirs",
    "reason": "claims.no_reason",
    "own": "claims.no_own",
    "second": "claims.no_second",
    "not-posted": "claims.no_not_posted",
    "unready": "notices.problem.unready",
}


@dataclass(frozen=True)
class Told:
    """One claim as pages show it: the organisation as everybody sees it, empty where it is not shown."""

    facts: ClaimFacts
    name: str
    page: str
    state: str
    method: str
    scope: str

    @property
    def address(self) -> str:
        """The claim's own page."""
        return f"/account/claims/{self.facts.id}"


def told(facts: ClaimFacts, now: datetime) -> Told:
    """Return a claim in words; one that was never shown in time is over, whether a job said so or not."""
    seen = published(facts.subject_uid)
    is_late = facts.state == rules.OPEN and not facts.is_open(now)
    page = slugs.page_path("organisation", seen.name, seen.uid) or "" if seen.uid else ""
    return Told(
        facts,
        seen.name,
        page,
        VOUCHED if facts.is_vouched else STATES[rules.EXPIRED if is_late else facts.state],
        METHODS[facts.method],
        SCOPES[facts.scope],
    )
