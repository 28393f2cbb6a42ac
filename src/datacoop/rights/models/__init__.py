"""Tables of the room of rights, one file for each procedure."""

from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.models.confirming import Alert, PendingAnswer
from datacoop.rights.models.links import Link
from datacoop.rights.models.logos import Logo
from datacoop.rights.models.notices import Notice, NoticedList, Sending, Told
from datacoop.rights.models.objections import Objection, Passed
from datacoop.rights.models.reports import Report
from datacoop.rights.models.requests import Request

__all__ = [
    "Alert",
    "Claim",
    "Confirmation",
    "ContributionAgreement",
    "Link",
    "Logo",
    "Notice",
    "NoticedList",
    "Objection",
    "Passed",
    "PendingAnswer",
    "Removal",
    "Report",
    "Request",
    "Sending",
    "Told",
]
