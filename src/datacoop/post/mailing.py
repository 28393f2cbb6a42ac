"""One outgoing mail: plain text and the same in HTML, in the reader's language, with a way to be written to no more.

Call it from a job, never while somebody waits: how long a mail takes must tell nothing. The address and the text are
made at that moment, so that they lie in no queue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.utils import formataddr, parseaddr
from html import escape
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from datacoop.charter.controller import controller
from datacoop.lib.pictures import Picture

#: By what name the page finds the picture in the same mail (RFC 2392).
_PICTURE = "logo@datacoop"
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Mail:
    """What is written to whom. `unsubscribe` is an address of ours where one press ends such mails (RFC 8058).

    `sender_name` stands beside our own address: in whose name it is written. `reply_to` is where answers go.
    `picture` stands above the text, within the mail: nobody learns from it that the mail was opened.
    """

    to: str
    subject: str
    text: str
    language: str
    unsubscribe: str = ""
    sender_name: str = ""
    reply_to: str = ""
    picture: Picture | None = None


def send(mail: Mail) -> None:
    """Send it now, signed by the cooperative. Raises: what the mail server answers (`SMTPException`, `OSError`)."""
    mail = replace(mail, text=f"{mail.text.rstrip()}\n\n{signature()}\n")
    message = _WithPicture(
        _one_line(mail.subject), mail.text, _sender(mail.sender_name), [mail.to], reply_to=_some(mail.reply_to)
    )
    message.picture = mail.picture
    # RFC 3834: no holiday answers to what a program sent.
    message.extra_headers = {"Auto-Submitted": "auto-generated", "Content-Language": mail.language}
    if mail.unsubscribe:
        message.extra_headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.attach_alternative(html_of(mail), "text/html")
    message.send()


def signature() -> str:
    """Return what stands under every mail: who writes, and how they are reached."""
    said = controller()
    reached = [f"Tel. {said.phone}"] if said.phone else []
    return "\n".join([", ".join([said.name, *said.address]), *reached, str(settings.DATACOOP_BASE_URL)])


def html_of(mail: Mail) -> str:
    """Return the text as a page: paragraphs and links, nothing that is loaded from anywhere."""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", mail.text))
    body = "".join(f"<p>{_linked(part)}</p>" for part in paragraphs if part)
    return (
        f'<!doctype html><html lang="{escape(mail.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(mail.subject)}</title></head>"
        f'<body style="font: 1rem/1.5 sans-serif; max-width: 38rem; margin: 1rem auto">'
        f"{_shown(mail)}{body}</body></html>"
    )


class _WithPicture(EmailMultiAlternatives):
    """A mail whose page carries its picture with it (RFC 2387), where it has one."""

    picture: Picture | None = None

    def message(self, **options: Any) -> Any:
        whole: Any = super().message(**options)
        if self.picture is not None:
            plain, page = whole.get_payload()
            together = MIMEMultipart("related", type="text/html")
            drawn = MIMEImage(self.picture.png, "png")
            drawn["Content-ID"] = f"<{_PICTURE}>"
            drawn["Content-Disposition"] = "inline"
            together.attach(page)
            together.attach(drawn)
            whole.set_payload([plain, together])
        return whole


def _shown(mail: Mail) -> str:
    """The picture at half its points: drawn for screens that show two in the place of one."""
    if mail.picture is None:
        return ""
    width, height = mail.picture.width // 2, mail.picture.height // 2
    return f'<p><img src="cid:{_PICTURE}" alt="{escape(mail.sender_name)}" width="{width}" height="{height}"></p>'


def _linked(text: str) -> str:
    found, last = [], 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?)")
        found.append(escape(text[last : match.start()]))
        found.append(f'<a href="{escape(address)}">{escape(address)}</a>')
        last = match.start() + len(address)
    return "".join([*found, escape(text[last:])]).replace("\n", "<br>")


def _sender(name: str) -> str:
    """Our own address with a name beside it: whose it is written in, else the one of the settings, else ours."""
    own, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((_one_line(name or own or controller().name), address))


def _one_line(text: str) -> str:
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text).strip()


def _some(address: str) -> list[str]:
    return [address] if address else []
