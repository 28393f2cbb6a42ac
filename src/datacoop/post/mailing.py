"""One outgoing mail: plain text and the same in HTML, in the reader's language, with a way to be written to no more.

Call it from a job, never while somebody waits: how long a mail takes must tell nothing. The address and the text are
made at that moment, so that they lie in no queue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from html import escape

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Mail:
    """What is written to whom. `unsubscribe` is an address of ours where one press ends such mails (RFC 8058).

    `sender_name` stands beside our own address: in whose name it is written. `reply_to` is where answers go.
    """

    to: str
    subject: str
    text: str
    language: str
    unsubscribe: str = ""
    sender_name: str = ""
    reply_to: str = ""


def send(mail: Mail) -> None:
    """Send it now. Raises: what the mail server answers (`smtplib.SMTPException`, `OSError`)."""
    message = EmailMultiAlternatives(
        _one_line(mail.subject), mail.text, _sender(mail.sender_name), [mail.to], reply_to=_some(mail.reply_to)
    )
    # RFC 3834: no holiday answers to what a program sent.
    message.extra_headers = {"Auto-Submitted": "auto-generated", "Content-Language": mail.language}
    if mail.unsubscribe:
        message.extra_headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.attach_alternative(html_of(mail), "text/html")
    message.send()


def html_of(mail: Mail) -> str:
    """Return the text as a page: paragraphs and links, nothing that is loaded from anywhere."""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", mail.text))
    body = "".join(f"<p>{_linked(part)}</p>" for part in paragraphs if part)
    return (
        f'<!doctype html><html lang="{escape(mail.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(mail.subject)}</title></head>"
        f'<body style="font: 1rem/1.5 sans-serif; max-width: 38rem; margin: 1rem auto">{body}</body></html>'
    )


def _linked(text: str) -> str:
    found, last = [], 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?)")
        found.append(escape(text[last : match.start()]))
        found.append(f'<a href="{escape(address)}">{escape(address)}</a>')
        last = match.start() + len(address)
    return "".join([*found, escape(text[last:])]).replace("\n", "<br>")


def _sender(name: str) -> str | None:
    """Our own address with another name beside it, None for the one in the settings."""
    if not name:
        return None
    return formataddr((_one_line(name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _some(address: str) -> list[str]:
    return [address] if address else []
