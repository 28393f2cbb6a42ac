"""What `datacoop doctor` says: every setting in plain words, without its secrets, and what is wrong."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection

from datacoop.charter.controller import missing
from datacoop.charter.queries import DOCUMENTS
from datacoop.cli import keeping, schema
from datacoop.cli.answers import count
from datacoop.jobs import queries as jobs
from datacoop.rights.queries.agreements import ASSESSMENT
from datacoop.rights.queries.readiness import list_open
from datacoop.sources.places import default_gazetteer

_COMPLETE = f"Write them into a file with the next number in {DOCUMENTS}, where README.md says how."
OLDEST_SQLITE = (3, 35)
OLDEST_POSTGRESQL = 150000


@dataclass(frozen=True)
class Setting:
    """One environment variable: its value now, secrets masked, and what it is for."""

    name: str
    value: str
    meaning: str


MEANINGS = {
    "DATA_DIR": "The folder of the database file and the keys. `datacoop backup` copies what is in it.",
    "DATABASE_URL": "The database: a file in the data folder, or postgres://user:password@host/name.",
    "BASE_URL": "The address people reach this server by; every link in a mail begins with it.",
    "ALLOWED_HOSTS": "Further host names this server answers to, separated by commas.",
    "EMAIL_URL": "How mail leaves: smtp://user:password@host:587?security=starttls, console:, or file:.",
    "EMAIL_FROM": "The sender of this server's mails.",
    "SECRET_KEY": "The key that signs sessions and cursors; without it the file secret.key is used.",
    "WITHDRAWALS_COPY": "The second place of withdrawals.log, a file or a folder, on another disk or machine.",
    "BACKUP_PASSPHRASE": "What backups are locked with. Keep it apart from them, on paper too.",
    "BACKUP_PASSPHRASE_FILE": "A file whose first line is that passphrase.",
    "DEBUG": "Shows programming errors to everybody. Only for developing.",
    "LICENCE": "Under which licence anonymous readers get open data.",
    "CONTACT": "Where anybody may write to the cooperative: an e-mail address or a URL; the form /write works without.",
    "CONTROLLER": "Name of whoever answers for the data, in notices, documents and receipts.",
    "CONTROLLER_ADDRESS": "Their postal address, its lines separated by semicolons, the town last.",
    "PHONE": "Their telephone number: whoever a list names can answer by it.",
    "COUNTRY": "The country the data is stored in, by its two letters.",
    "POSTAL_ADDRESS": "Where reply slips of letters go if elsewhere: lines separated by semicolons, the name first.",
    "LETTER_CENTS": "What one letter costs, in Swiss cents: shown before anything is sent.",
    "CONFIRM_DAYS": "Days after posting before the code of a confirmation letter may come back (stewards' answers).",
    "ANSWER_MEMORY_MB": "Megabytes of recent answers each connection keeps until the next change; 0: none (SQLite).",
    "RATE_PER_MINUTE": "Requests a minute from one network without a token; 0: no limit, nor any by the hour.",
    "ANONYMOUS_PERCENT": "Lists, records and exports an hour for such a network, in percent of the usual; 0: no limit.",
    "CLIENT_RATE_PER_MINUTE": "Requests a minute of a client, unless its agreement says otherwise; 0: no limit.",
    "BEHIND_PROXY": "Believe X-Forwarded-For and X-Forwarded-Proto: only where a proxy of yours sets them itself.",
    "ASK_DNS": "Ask this machine's name servers whether the domains of a list that somebody tries still exist.",
    "PULL_HOSTS": "Hosts of your own network that lists may be pulled from, as name or name:port, separated by commas.",
    "WEBHOOK_HOSTS": "Hosts of your own network where clients may receive webhooks, as name or name:port, with commas.",
    "KINDS_DIR": "A folder with further kinds, one YAML file each.",
}


def list_settings() -> list[Setting]:
    """Every setting, whether given or left to its default."""
    effective = {
        "DATA_DIR": str(settings.DATACOOP_DATA_DIR),
        "DATABASE_URL": f"a {connection.vendor} database",
        "BASE_URL": settings.DATACOOP_BASE_URL,
        "SECRET_KEY": "from secret.key",
        "EMAIL_FROM": settings.DEFAULT_FROM_EMAIL,
        "DEBUG": "yes" if settings.DEBUG else "no",
        "LICENCE": settings.DATACOOP_LICENCE,
        "CONTROLLER": settings.DATACOOP_CONTROLLER or "not set",
        "CONTROLLER_ADDRESS": settings.DATACOOP_CONTROLLER_ADDRESS or "not set",
        "PHONE": settings.DATACOOP_PHONE or "not set",
        "POSTAL_ADDRESS": "the controller's",
        "COUNTRY": settings.DATACOOP_COUNTRY,
        "LETTER_CENTS": str(settings.DATACOOP_LETTER_CENTS),
        "CONFIRM_DAYS": str(settings.DATACOOP_CONFIRM_DAYS),
        "ANSWER_MEMORY_MB": str(settings.DATACOOP_ANSWER_MEMORY_MB),
        "RATE_PER_MINUTE": str(settings.DATACOOP_RATE_PER_MINUTE),
        "ANONYMOUS_PERCENT": str(settings.DATACOOP_ANONYMOUS_PERCENT),
        "CLIENT_RATE_PER_MINUTE": str(settings.DATACOOP_CLIENT_RATE_PER_MINUTE),
        "PULL_HOSTS": "the public web alone",
        "WEBHOOK_HOSTS": "the public web alone",
        "BEHIND_PROXY": "yes" if settings.DATACOOP_BEHIND_PROXY else "no",
        "ASK_DNS": "yes" if settings.DATACOOP_ASK_DNS else "no",
    }
    return [_setting(name, effective.get(name, "not set")) for name in MEANINGS]


def list_problems(now: datetime) -> list[str]:
    """One sentence per problem, with what to do."""
    checks: list[Callable[[], Iterator[str]]] = [
        _folder_problems,
        _address_problems,
        lambda: chain(_controller_lacks(), _documents_open()) if _is_public() else iter(()),
        _database_problems,
        lambda: _job_problems(now),
        lambda: keeping.problems(now),
    ]
    return [problem for check in checks for problem in check()]


def list_hints() -> list[str]:
    """What this installation could do and does not, one sentence each: nothing is wrong."""
    hints = [*keeping.hints(), *(() if _is_public() else (*_controller_lacks(), *_documents_open()))]
    if list_open([ASSESSMENT]):
        hints.append(
            f"The {ASSESSMENT} has places left open in square brackets: it is your own paper and stops nothing, but "
            f"complete it before you take in data about persons (LPD 22; GDPR 35). {_COMPLETE}"
        )
    if default_gazetteer(settings.DATACOOP_DATA_DIR).judges_postcodes():
        return hints
    return [
        *hints,
        "No list of Swiss localities is loaded: postcodes cannot be judged, and places are those of communes alone. "
        "Download the official one and run `datacoop places load FILE`.",
    ]


def masked(name: str, value: str) -> str:
    """A value fit for a screen: no password, no key.

    >>> masked("EMAIL_URL", "smtp://anna:secret@mail.example.org:587")
    'smtp://anna:…@mail.example.org:587'
    """
    if name in {"SECRET_KEY", "BACKUP_PASSPHRASE"}:
        return "given"
    return re.sub(r"(//[^:@/]*:)[^@]*@", r"\1…@", value)


def _setting(name: str, effective: str) -> Setting:
    given = os.environ.get(f"DATACOOP_{name}", "").strip()
    value = masked(name, given) if given else f"{effective} (default)"
    return Setting(f"DATACOOP_{name}", value, MEANINGS[name])


def _folder_problems() -> Iterator[str]:
    folder: Path = settings.DATACOOP_DATA_DIR
    if not folder.is_dir():
        yield f"The data folder {folder} does not exist: run `datacoop init`."
        return
    if not os.access(folder, os.W_OK):
        yield f"The data folder {folder} cannot be written: change its owner, or set DATACOOP_DATA_DIR."
    key = folder / "secret.key"
    if key.is_file() and key.stat().st_mode & 0o077:
        yield f"Others on this machine can read {key}: run `chmod 600 {key}`."


def _address_problems() -> Iterator[str]:
    parts = urlsplit(settings.DATACOOP_BASE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield "DATACOOP_BASE_URL is not an address: write it like https://directory.example.org."
        return
    if not _is_public():
        return
    if parts.scheme == "http":
        yield "DATACOOP_BASE_URL begins with http: put a server with a certificate in front and write https."
    if settings.DEBUG:
        yield "DATACOOP_DEBUG is on under a public address: switch it off."
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield "No mail leaves this server, so nobody can sign in: set DATACOOP_EMAIL_URL to smtp://…"


def _is_public() -> bool:
    """Whether others reach this server: on one's own machine, what is not ready yet is no problem."""
    return urlsplit(settings.DATACOOP_BASE_URL).hostname not in {"127.0.0.1", "localhost", "::1"}


def _controller_lacks() -> Iterator[str]:
    examples = {
        "CONTROLLER": "Coopérative de données de Clairière",
        "CONTROLLER_ADDRESS": "Rue du Lac 1; 1000 Clairière",
        "PHONE": "+41 21 555 00 00",
    }
    for name in missing():
        yield (
            f"DATACOOP_{name} is not set: no notice or letter is prepared and no agreement signed before it is. "
            f"Write it like “{examples[name]}”."
        )


def _documents_open() -> Iterator[str]:
    for name in list_open():
        yield (
            f"The {name} has places left open in square brackets: no notice or letter is prepared and no agreement "
            f"signed before they are completed. {_COMPLETE}"
        )


def _database_problems() -> Iterator[str]:
    try:
        yield from _version_problems()
        missing = schema.list_missing()
    except DatabaseError as error:
        yield schema.unreachable(error)
        return
    if missing:
        yield f"The database lacks {count(len(missing), 'migration')}: run `datacoop migrate`."


def _version_problems() -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version(), sqlite_compileoption_used('ENABLE_FTS5')")
            version, has_text_index = cursor.fetchone()
            if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_SQLITE or not has_text_index:
                yield f"SQLite {version} is too old or lacks full text search: use a newer Python, or PostgreSQL."
        else:
            cursor.execute("SELECT current_setting('server_version_num')::int")
            if cursor.fetchone()[0] < OLDEST_POSTGRESQL:
                yield "PostgreSQL is older than version 15: upgrade it."


def _job_problems(now: datetime) -> Iterator[str]:
    try:
        dead = jobs.list_dead()
        late = jobs.count_late(now=now, by=timedelta(minutes=10))
    except DatabaseError:
        return  # told by the check of the database
    names = ", ".join(sorted({f"{job.name} ({job.reason})" for job in dead}))
    if dead:
        yield f"{len(dead)} background jobs were given up: {names}. Read the log of that time."
    if late:
        yield f"{late} background jobs wait since ten minutes or more: is `datacoop serve` or `work` running?"
