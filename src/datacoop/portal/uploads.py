"""Files stewards are about to bring in: kept in the data folder, a day at most, shown to stewards alone."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from datacoop.pipelines.intake import Intake

MOST_BYTES = 100_000_000
_KEPT_SECONDS = 24 * 3600
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,60}$")


@dataclass(frozen=True)
class Wished:
    """What was said about the file in the form."""

    name: str
    holder: str
    list_name: str = ""
    kind: str = "organisation"
    published: bool = False
    page: str = ""
    page_on: str = ""
    partial: bool = False
    accept_removals: bool = False
    with_persons: bool = False
    country: str = ""


@dataclass(frozen=True)
class Upload:
    """A file waiting for its mapping to be confirmed."""

    token: str
    file: Path
    wished: Wished

    def intake(self, mapping: Mapping[str, str | None] | None, *, dry_run: bool) -> Intake:
        """Return the contribution this file is to become."""
        return Intake(
            files=(self.file,),
            holder=self.wished.holder,
            source=self.wished.list_name or None,
            kind=self.wished.kind,
            mapping=mapping,
            published=self.wished.published,
            page=self.wished.page,
            page_on=date.fromisoformat(self.wished.page_on) if self.wished.page_on else None,
            partial=self.wished.partial,
            accept_removals=self.wished.accept_removals,
            with_persons=self.wished.with_persons,
            dry_run=dry_run,
            country=self.wished.country or None,
        )


def keep(sent: UploadedFile[bytes], wished: Wished) -> Upload:
    """Write a file into a folder of its own; the name keeps its ending only as far as readers need it."""
    sweep()
    token = secrets.token_urlsafe(24)
    folder = _folder() / token
    folder.mkdir(parents=True, mode=0o700)
    file = folder / wished.name
    with file.open("wb") as stream:
        for chunk in sent.chunks():
            stream.write(chunk)
    (folder / "wished.json").write_text(json.dumps(asdict(wished)), encoding="utf-8")
    return Upload(token, file, wished)


def find(token: str) -> Upload | None:
    """Return the file kept under a token, None if it is gone."""
    described = _folder() / token / "wished.json"
    if not _TOKEN.match(token) or not described.is_file():
        return None
    wished = Wished(**json.loads(described.read_text(encoding="utf-8")))
    return Upload(token, described.with_name(wished.name), wished)


def discard(token: str) -> None:
    """Remove a file and what was said about it."""
    if _TOKEN.match(token):
        shutil.rmtree(_folder() / token, ignore_errors=True)


def sweep() -> None:
    """Remove what nobody came back for."""
    if not _folder().is_dir():
        return
    for folder in _folder().iterdir():
        if folder.stat().st_mtime < time.time() - _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def plain_name(name: str) -> str:
    """Return a file name without anything a file system could take for a path.

    >>> plain_name("../../Liste des sociétés (2026).csv")
    'Liste_des_sociétés_2026_.csv'
    """
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[^\w.-]+", "_", last).lstrip("._")[-120:] or "list"


def _folder() -> Path:
    return Path(settings.DATACOOP_DATA_DIR) / "uploads"
