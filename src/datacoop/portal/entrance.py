"""Sending the link that signs somebody in: asked for in a request, made and mailed by the job worker.

The request does the same for every address, so neither its answer, its duration nor its failures tell who has
an account; the link itself is made where it is sent and stands nowhere but in the mail.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import get_user_model
from django.core.mail import send_mail

from datacoop.accounts.actions import create_link
from datacoop.accounts.queries import find_account
from datacoop.jobs.actions import enqueue
from datacoop.portal.catalogue import say
from datacoop.portal.linked import base_url

JOB = "portal.send_link"
_NOBODY = 0


def ask_link(*, email: str, language: str, now: datetime) -> None:
    """Queue the mail; for an address without an account, work that does nothing."""
    account = find_account(email)
    payload = {"account": account.pk if account else _NOBODY, "language": language}
    enqueue(name=JOB, payload=payload, due_at=now, now=now)


def send_link(*, now: datetime, account: int, language: str) -> None:
    """Make a link for an account that may still sign in, and mail it."""
    found = get_user_model().objects.filter(pk=account, is_active=True).first()
    token = create_link(email=found.email, now=now) if found else None
    if found is None or token is None:
        return
    text = say(language, "sign_in.mail_text", link=f"{base_url()}/sign-in/{token}")
    send_mail(say(language, "sign_in.mail_subject"), text, None, [found.email])
