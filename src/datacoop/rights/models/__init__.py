"""Tables of the room of rights, one file for each procedure."""

from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.confirming import Alert, PendingAnswer
from datacoop.rights.models.links import Link
from datacoop.rights.models.notices import Notice, NoticedList, Sending, Told

__all__ = [
    "Alert",
    "Claim",
    "ContributionAgreement",
    "Link",
    "Notice",
    "NoticedList",
    "PendingAnswer",
    "Removal",
    "Sending",
    "Told",
]
