"""Addresses of pages, for commands that print one."""

from django.conf import settings


def sign_in(token: str) -> str:
    """The page with the button that uses up a sign-in link."""
    return f"{settings.DATACOOP_BASE_URL}/sign-in/{token}"
