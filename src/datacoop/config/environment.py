"""Reads `DATACOOP_*` variables and the secret key; knows no Django and holds no default of its own."""

import json
import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from datacoop.lib.files import write_once


class Misconfigured(Exception):
    """A setting cannot be used; the message says which one and what to do."""


def text(name: str, default: str = "") -> str:
    """The variable `DATACOOP_<name>`, stripped; an empty one counts as absent."""
    return os.environ.get(f"DATACOOP_{name}", "").strip() or default


def flag(name: str) -> bool:
    """Whether `DATACOOP_<name>` is on. Raises: Misconfigured on a word that is neither yes nor no."""
    word = text(name, "no").lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise Misconfigured(f"DATACOOP_{name} is {word!r}: write yes or no.")


def number(name: str, default: int) -> int:
    """The whole number `DATACOOP_<name>`, 0 or more. Raises: Misconfigured."""
    given = text(name, str(default))
    if not given.isascii() or not given.isdigit():
        raise Misconfigured(f"DATACOOP_{name} is {given!r}: write a whole number.")
    return int(given)


def invented(folder: Path) -> dict[str, str]:
    """What the demo in a data folder says of itself, by variable; nothing where none was loaded."""
    try:
        found = json.loads((folder / "demo" / "controller.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def sandbox(folder: Path) -> tuple[str, str] | None:
    """The demo's test client, its id and secret; None where no demo was loaded."""
    try:
        found = json.loads((folder / "demo" / "sandbox.json").read_text(encoding="utf-8"))
        return str(found["client_id"]), str(found["client_secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def words(name: str) -> list[str]:
    """The comma-separated words of `DATACOOP_<name>`."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def secret(name: str) -> str:
    """`DATACOOP_<name>`, else the first line of the file `DATACOOP_<name>_FILE`; empty without either.

    Raises: Misconfigured where that file cannot be read.
    """
    given, file = text(name), text(f"{name}_FILE")
    if given or not file:
        return given
    try:
        return Path(file).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"DATACOOP_{name}_FILE: {file} cannot be read.") from error


def secret_key(folder: Path) -> str:
    """`DATACOOP_SECRET_KEY`, else the content of `secret.key` in the data folder, written at first use.

    The file is made in one step and readable by its owner alone, so that processes starting together agree.
    """
    given = text("SECRET_KEY")
    if given:
        return given
    path = folder / "secret.key"
    try:
        if not path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, secrets.token_urlsafe(48))
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read or written ({error.strerror}): set DATACOOP_DATA_DIR.") from None
    if len(key) < 32:
        raise Misconfigured(f"{path} holds no key of 32 characters or more: restore it from your backup.")
    return key


def mail(url: str, outbox: Path) -> dict[str, object]:
    """Django's e-mail settings for a URL.

    `smtp://user:password@host:587?security=starttls` (starttls, tls or none), `console:`, `file:` (one file
    per message in `outbox`, for trying out).
    """
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": outbox,
        }
    if parts.scheme != "smtp" or not parts.hostname:
        raise Misconfigured("DATACOOP_EMAIL_URL must look like smtp://user:password@host:587?security=starttls.")
    security = parse_qs(parts.query).get("security", ["starttls"])[0]
    if security not in {"starttls", "tls", "none"}:
        raise Misconfigured("DATACOOP_EMAIL_URL: security is starttls, tls or none.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if security == "tls" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": security == "starttls",
        "EMAIL_USE_SSL": security == "tls",
        "EMAIL_TIMEOUT": 20,
    }
