"""One outgoing mail: two forms of one text, nothing loaded, nothing injected, one press to end it."""

import email
import email.header
import email.policy
import re

from django.core import mail

from datacoop.lib.pictures import Picture
from datacoop.post.mailing import Mail, html_of, send

TEXT = "Bonjour,\n\nVotre page : https://coop.example.org/n/abc.\nÀ bientôt <b>.\n"


def test_says_the_same_in_text_and_html() -> None:
    send(Mail("anna@example.org", "Votre page", TEXT, "fr"))

    (sent,) = mail.outbox
    assert sent.body.startswith(TEXT.rstrip())
    (html, kind) = sent.alternatives[0]  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert '<a href="https://coop.example.org/n/abc">https://coop.example.org/n/abc</a>.<br>' in html
    assert "&lt;b&gt;" in html
    assert 'lang="fr"' in html


def test_says_from_whom_it_is_and_by_what_number_they_are_reached() -> None:
    send(Mail("anna@example.org", "x", TEXT, "fr"))

    (sent,) = mail.outbox
    html = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    for said in ("Coopérative de données de Clairière", "Rue du Lac 1, 1000 Clairière", "Tel. +41 21 555 00 00"):
        assert said in sent.body
        assert said in html
    assert "Coopérative de données de Clairière" in str(
        email.header.make_header(email.header.decode_header(str(sent.message()["From"])))
    )


def test_loads_nothing() -> None:
    assert "src=" not in html_of(Mail("anna@example.org", "x", TEXT, "fr"))


def test_can_be_ended_by_one_press() -> None:
    send(Mail("anna@example.org", "x", "y", "de", unsubscribe="https://coop.example.org/u/1"))

    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe"] == "<https://coop.example.org/u/1>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_is_in_the_name_of_somebody_and_from_our_own_address() -> None:
    send(Mail("anna@example.org", "x", "y", "fr", sender_name="Ville de\nClairière", reply_to="ville@example.org"))

    message = mail.outbox[0].message()
    assert "noreply@" in str(message["From"])
    assert mail.outbox[0].reply_to == ["ville@example.org"]
    assert "\n" not in mail.outbox[0].from_email


def test_a_subject_cannot_add_a_header() -> None:
    send(Mail("anna@example.org", "x\nBcc: other@example.org", "y", "fr"))

    assert mail.outbox[0].message()["Bcc"] is None


def test_carries_a_picture_with_it_and_loads_none() -> None:
    picture = Picture(b"\x89PNG canary", 480, 121)
    send(Mail("anna@example.org", "x", TEXT, "fr", sender_name='Ville "de" <Clairière>', picture=picture))

    whole = email.message_from_bytes(mail.outbox[0].message().as_bytes(), policy=email.policy.default)
    assert whole.get_content_type() == "multipart/alternative"
    plain, together = whole.iter_parts()  # type: ignore[attr-defined]
    assert plain.get_content().startswith(TEXT.strip())
    assert together.get_content_type() == "multipart/related"
    page, drawn = together.iter_parts()
    assert drawn.get_content() == picture.png
    assert drawn.get_content_disposition() == "inline"
    found = re.findall(r'<img src="([^"]*)" alt="([^"]*)" width="(\d+)" height="(\d+)">', page.get_content())
    assert found == [(f"cid:{drawn['Content-ID'].strip('<>')}", "Ville &quot;de&quot; &lt;Clairière&gt;", "240", "60")]
