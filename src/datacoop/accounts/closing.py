"""What lets somebody in, ended at once: what was ended since a backup would live again when it is restored."""

from django.contrib.sessions.models import Session

from datacoop.accounts.models import AccessToken, Code, SignInLink


def end_everything_open() -> None:
    """End every session, sign-in link, code and access token; accounts, mandates and clients' secrets stay."""
    for table in (Session, SignInLink, Code, AccessToken):
        table.objects.all().delete()
