"""Files about to be brought in: kept in the data folder, shown to stewards and to the holder that sent them.

A day at most; one that a holder sent and that waits for a steward's word, a week. Of one that a steward threw away
its name is kept for a month, so that the holder learns of it.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from datacoop.pipelines.intake import Intake

MOST_BYTES = 100_000_000
SWEEP = "portal.sweep_uploads"
SWEEP_SECONDS = 3600
_KEPT_SECONDS = 24 * 3600
WAITING_DAYS = 7
REFUSED_DAYS = 30
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,60}$")


@dataclass(frozen=True)
class Wished:
    """What was said about the file in the form.

    `sender` is the uid of the holder that sent it from its own pages, empty for a steward's file; `waits_since`, ISO
    8601, when it was sent for a steward to confirm, with the `mapping` the holder settled on; `refused_since`, when a
    steward threw it away. `submission`: a holder's program sent it, and asks under this uid what came of it.
    """

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
    accept_unlike: bool = False
    country: str = ""
    sender: str = ""
    waits_since: str = ""
    mapping: dict[str, str | None] | None = None
    refused_since: str = ""
    submission: str = ""

    @property
    def refused_at(self) -> datetime | None:
        """When a steward threw it away, None if none did."""
        return datetime.fromisoformat(self.refused_since) if self.refused_since else None

    @property
    def asked_at(self) -> datetime | None:
        """When a steward was asked, None if none was."""
        return datetime.fromisoformat(self.waits_since) if self.waits_since else None


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
            accept_unlike=self.wished.accept_unlike,
            dry_run=dry_run,
            country=self.wished.country or None,
        )


def keep(sent: Iterable[bytes], wished: Wished) -> Upload:
    """Write a file into a folder of its own, where no name meets that of what was said about it."""
    sweep()
    token = secrets.token_urlsafe(24)
    folder = _folder() / token
    folder.mkdir(parents=True, mode=0o700)
    file = _file(folder, wished)
    file.parent.mkdir(mode=0o700)
    with file.open("wb") as stream:
        stream.writelines(sent)
    _describe(folder, wished)
    return Upload(token, file, wished)


def wait(kept: Upload, *, mapping: Mapping[str, str | None] | None, now: datetime) -> None:
    """Let a holder's file wait for a steward, with what the columns are to become where somebody said it."""
    wished = replace(kept.wished, mapping=None if mapping is None else dict(mapping), waits_since=now.isoformat())
    _describe(_folder() / kept.token, wished)


def refuse(kept: Upload, *, now: datetime) -> None:
    """Remove a file that waited, and leave word to the holder that a steward threw it away."""
    folder, said = _folder() / kept.token, kept.wished
    shutil.rmtree(kept.file.parent, ignore_errors=True)
    told = Wished(said.name, said.holder, said.list_name, sender=said.sender, waits_since=said.waits_since)
    _describe(folder, replace(told, refused_since=now.isoformat()))


def list_refused(sender: str) -> list[Wished]:
    """Return what a holder sent and a steward threw away lately, the last one first."""
    sweep()
    found = [each for token in _tokens() if (each := _wished(token)) and each.refused_since and each.sender == sender]
    return sorted(found, key=lambda each: each.refused_since, reverse=True)


def list_waiting(sender: str | None = None) -> list[Upload]:
    """Return the files that wait for a steward, of one holder or of all, the oldest first."""
    sweep()
    found = [each for token in _tokens() if (each := find(token)) and each.wished.waits_since]
    mine = [each for each in found if sender is None or each.wished.sender == sender]
    return sorted(mine, key=lambda each: each.wished.waits_since)


def find(token: str) -> Upload | None:
    """Return the file kept under a token, None if it is gone."""
    wished = _wished(token)
    if wished is None or wished.refused_since:
        return None
    return Upload(token, _file(_folder() / token, wished), wished)


def _wished(token: str) -> Wished | None:
    described = _folder() / token / "wished.json"
    if not _TOKEN.match(token) or not described.is_file():
        return None
    return Wished(**json.loads(described.read_text(encoding="utf-8")))


def _tokens() -> list[str]:
    return [folder.name for folder in _folder().iterdir()] if _folder().is_dir() else []


def discard(token: str) -> None:
    """Remove a file and what was said about it."""
    if _TOKEN.match(token):
        shutil.rmtree(_folder() / token, ignore_errors=True)


def sweep(*, now: datetime | None = None) -> None:
    """Remove what nobody came back for: at the next file, and every hour."""
    if not _folder().is_dir():
        return
    moment = now.timestamp() if now else time.time()
    for folder in _folder().iterdir():
        described = folder / "wished.json"
        said = json.loads(described.read_text(encoding="utf-8")) if described.is_file() else {}
        waits = said.get("waits_since")
        days = REFUSED_DAYS if said.get("refused_since") else WAITING_DAYS
        longest = days * _KEPT_SECONDS if waits else _KEPT_SECONDS
        if (described if waits else folder).stat().st_mtime < moment - longest:
            shutil.rmtree(folder, ignore_errors=True)


def _describe(folder: Path, wished: Wished) -> None:
    """Write what was said about a file, whole or not at all."""
    half = folder / "wished.json.half"
    half.write_text(json.dumps(asdict(wished)), encoding="utf-8")
    half.replace(folder / "wished.json")


def _file(folder: Path, wished: Wished) -> Path:
    return folder / "sent" / wished.name


def _folder() -> Path:
    return Path(settings.DATACOOP_DATA_DIR) / "uploads"
