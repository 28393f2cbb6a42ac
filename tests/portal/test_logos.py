"""The page of a holder's logo: seen before Send, refused in a sentence, nobody else's."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from datacoop.rights.actions.sending import ZONE
from datacoop.rights.actions.ticking import make_and_compare
from tests.portal.sitting import OTHER, bring, desk, folder, holder, registered, signed_in, text_of
from tests.portal.test_notices_pages import ROW, steward

__all__ = ["folder", "holder", "steward"]
pytestmark = pytest.mark.django_db(transaction=True)


def drawing(size: tuple[int, int] = (600, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "PNG")
    return out.getvalue()


def send(client: Client, content: bytes, name: str = "logo.png") -> object:
    return client.post(f"{desk()}/logo", {"step": "keep", "logo": SimpleUploadedFile(name, content)})


def test_is_seen_at_the_desk_and_by_the_steward_before_anybody_presses(
    holder: Client, steward: Client, folder: Path
) -> None:
    assert "/logo.png" not in text_of(holder.get(f"{desk()}/notices"))
    assert send(holder, drawing()).status_code == 302  # type: ignore[attr-defined]
    bring(folder, [ROW])
    make_and_compare(now=datetime.now(UTC))
    today = datetime.now(UTC).astimezone(ZONE).date().isoformat()
    holder.post(f"{desk()}/notices", {"step": "prepare", "channel": "mail", "first_on": today, "per_day": "50"})
    for client, page in ((holder, f"{desk()}/notices"), (steward, "/steward/notices")):
        assert f'src="{desk()}/logo.png"' in text_of(client.get(page))
        picture = client.get(f"{desk()}/logo.png")
        assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/png", "nosniff")
        assert Image.open(io.BytesIO(picture.content)).size == (480, 160)


def test_the_preview_shows_it_only_where_it_will_stand(holder: Client) -> None:
    send(holder, drawing())
    html = text_of(holder.get(f"{desk()}/notices"))
    _, own, shared, organisation, *legal = html.split("<blockquote")
    assert not any("logo.png" in each.partition("</blockquote>")[0] for each in legal)
    assert "logo.png" in own
    assert "logo.png" not in shared
    assert "logo.png" in organisation


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg onload='alert(1)'/>", "PNG ou JPEG"),
        (drawing((3200, 40)), "3000 points"),
        (drawing((20, 10)), "16 points"),
        (b"\x89PNG" + bytes(1_000_001), "1000 kilo-octets"),
        (drawing()[:-30], "abîmée"),
    ],
    ids=["svg", "wide", "small", "large", "broken"],
)
def test_says_what_is_wrong_and_keeps_the_former(holder: Client, content: bytes, words: str) -> None:
    send(holder, drawing())
    answer = send(holder, content)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in text_of(answer)
    assert holder.get(f"{desk()}/logo.png").status_code == 200


def test_without_a_file_it_asks_for_one(holder: Client) -> None:
    answer = holder.post(f"{desk()}/logo", {"step": "keep"})
    assert (answer.status_code, "Choisissez une image" in text_of(answer)) == (422, True)


def test_can_be_given_up(holder: Client) -> None:
    send(holder, drawing())
    holder.get(f"{desk()}/logo?step=give_up")
    assert holder.get(f"{desk()}/logo.png").status_code == 200
    assert holder.post(f"{desk()}/logo", {"step": "give_up"}).status_code == 302
    assert holder.get(f"{desk()}/logo.png").status_code == 404


def test_another_holder_neither_sees_nor_changes_it(holder: Client) -> None:
    send(holder, drawing())
    registered(OTHER, "autre@example.org")
    other = signed_in("autre@example.org")
    assert other.get(f"{desk()}/logo.png").status_code == 403
    assert other.post(f"{desk()}/logo", {"step": "give_up"}).status_code == 403
    assert Client().get(f"{desk()}/logo.png").status_code == 302
    assert holder.get(f"{desk()}/logo.png").status_code == 200
