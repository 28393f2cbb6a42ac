"""Sitting at a holder's desk: who may, what a browser sends of its forms, what is brought in past it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from datacoop.accounts.actions import create_link
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake, Report
from datacoop.pipelines.inviting import invite
from datacoop.rights.actions.agreeing import Signature, sign
from datacoop.rights.rules.agreements import GROUPS
from datacoop.sources.actions import register_holder
from datacoop.sources.owning import find_holder_named, list_own
from tests.portal.conftest import HEADER, ROWS

HOLDER, OTHER, EMAIL = "Faîtière d’essai", "Autre faîtière", "bureau@faitiere.example.org"
LIST = "\n".join([HEADER, *ROWS]).encode()
SIGNATURE = Signature("fr", dict.fromkeys(GROUPS, "interest"), "withdraw", "Ana Muster, secrétaire")
STEWARDS_WORDS = ("nouvelles", "reconnues", "à comparer", "visibles", "pas montrées")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield tmp_path


def signed_in(email: str) -> Client:
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email=email, now=datetime.now(UTC))}")
    return client


def registered(name: str = HOLDER, email: str = EMAIL) -> UUID:
    now = datetime.now(UTC)
    uid = register_holder(name=name, now=now)
    invite(holder=uid, email=email, actor="steward:command", now=now)
    sign(holder=uid, signature=SIGNATURE, actor="account:1", now=now)
    return uid


@pytest.fixture
def holder(transactional_db: None) -> Client:
    """Somebody who acts for a holder and has signed in through the link."""
    registered()
    return signed_in(EMAIL)


def desk(name: str = HOLDER) -> str:
    found = find_holder_named(name)
    assert found is not None
    return f"/desk/{found.uid}"


def list_of(name: str = HOLDER) -> str:
    found = find_holder_named(name)
    assert found is not None
    (own,) = list_own(found.uid)
    return f"{desk(name)}/lists/{own.key}"


def bring(path: Path, rows: list[str], name: str = HOLDER, *, published: bool = False) -> Report:
    """As a steward would, past the desk."""
    file = path / f"{len(list(path.iterdir()))}.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return contribute(Intake((file,), name, published=published, accept_removals=True), actor="steward:1")


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


class Sending:
    """What a browser sends of the upload forms."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address

    def send(self, content: bytes = LIST, name: str = "liste.csv", **fields: str) -> str:
        answer = self.client.post(f"{self.address}/upload", {"file": SimpleUploadedFile(name, content), **fields})
        assert answer.status_code == 302, text_of(answer)
        return str(answer["Location"])

    def confirm(self, preview: str, step: str = "import", **fields: str) -> str:
        html = text_of(self.client.get(preview))
        names = dict(re.findall(r'name="(name-\d+)" value="([^"]*)"', html))
        chosen = {
            name: (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
            for name, options in re.findall(r'<select name="(column-\d+)"[^>]*>(.*?)</select>', html, re.S)
        }
        return text_of(self.client.post(preview, {**names, **chosen, "step": step, **fields}))


@pytest.fixture
def sending(holder: Client) -> Sending:
    return Sending(holder, desk())
