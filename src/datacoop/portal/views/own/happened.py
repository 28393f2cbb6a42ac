"""What an entry of somebody's history tells, in words: for their history page and their package of access."""

from __future__ import annotations

from typing import Final

from datacoop.disclosure.own.history import what_of
from datacoop.disclosure.reviewing import REASON as REVIEW
from datacoop.linking.actions import JUDGED_THE_SAME
from datacoop.linking.wording import PHRASES
from datacoop.portal.catalogue import catalogue, say

WHATS: Final = {
    "decided": "history.what_decided",
    "restricted": "history.what_restricted",
    "lifted": "history.what_lifted",
    "withheld": "history.what_withheld",
    "withheld_no_more": "history.what_withheld_no_more",
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
    "settled": "history.what_settled",
    "received": "history.what_received",
    "sent": "history.what_sent",
    "reminded": "history.what_reminded",
    "returned": "history.what_returned",
    "rights": "history.what_rights",
    "representing": "history.what_representing",
    "noted": "history.what_noted",
}
#: Kinds of entries that are told apart where several tell the same.
_FINER: Final = {
    "claims.opened": "history.finer_opened",
    "claims.invited": "history.finer_invited",
    "claims.posted": "history.finer_posted",
    "claims.proven": "history.finer_proven",
    "claims.vouched": "history.finer_vouched",
    "claims.granted": "history.finer_granted",
    "claims.refused": "history.finer_refused",
    "claims.withdrawn": "history.finer_withdrawn",
    "claims.frozen": "history.finer_frozen",
    "representatives.left": "history.finer_left",
    "representatives.none": "history.finer_none",
    "removals.proposed": "history.finer_proposed",
    "removals.done": "history.finer_removed",
    "rights.settled": "history.finer_settled",
    "rights.extended": "history.finer_extended",
    "rights.confirmed": "history.finer_confirmed",
    "rights.holders_told": "history.finer_holders_told",
    "rights.passing_stopped": "history.finer_passing_stopped",
    "rights.objection_answered": "history.finer_objection_answered",
    "guardians.appointed": "history.finer_appointed",
    "guardians.dismissed": "history.finer_dismissed",
    "minors.age_corrected": "history.finer_age",
}


def reason_said(kind: str, reason: str, language: str) -> str:
    """Return a reason in words: what somebody typed as it stands, what the house notes by itself in the language."""
    if kind == "disclosure.described" and reason == REVIEW:
        return say(language, "history.reason_review")
    if kind != "records.merged":
        return reason
    if reason == JUDGED_THE_SAME:
        return say(language, "history.reason_judged")
    return ", ".join(PHRASES.of(language).get(f"reasons.{code}", code) for code in reason.split(","))


def what_said(kind: str, right: str, language: str, *, what: str = "") -> str:
    """Return what an entry of a kind tells: the most that we have words for. `what` is known where no entry is."""
    asked = catalogue(language).get(f"requests.{right}") if right and kind in {"", "rights.requested"} else None
    if asked:
        return say(language, "history.asked", right=asked)
    return say(language, _FINER.get(kind) or WHATS[what or what_of(kind)])
