"""Reading holders' logos: the one of now, and the one that a sending was shown with."""

from __future__ import annotations

from uuid import UUID

from datacoop.lib.pictures import Picture
from datacoop.rights.models.logos import Logo
from datacoop.rights.models.notices import Sending


def find_logo(holder: UUID) -> Picture | None:
    """Return a holder's logo, None where it has none."""
    return _picture(Logo.objects.filter(holder__uid=holder).first())


def logo_of(sending: Sending | None) -> Picture | None:
    """Return the logo that both hands saw with a sending; None where there was none, or where it is gone since."""
    return _picture(Logo.objects.filter(pk=sending.logo_id).first()) if sending and sending.logo_id else None


def _picture(row: Logo | None) -> Picture | None:
    return Picture(bytes(row.png), row.width, row.height) if row else None
