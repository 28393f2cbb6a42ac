"""The licence and terms every output carries."""

from __future__ import annotations

from django.conf import settings

#: Creative Commons Attribution 4.0: what anonymous readers get, unless the installation says otherwise.
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def licence(*, public: bool) -> str:
    """Return the address of the licence of an output: open data for the public, the signed terms for a client."""
    return str(getattr(settings, "DATACOOP_LICENCE", LICENCE)) if public else terms()


def terms() -> str:
    """Return where the terms of use stand."""
    return f"{settings.DATACOOP_BASE_URL}/api/#terms"
