"""A client that keeps a copy in step: one file, Python's standard library alone, to be taken along and changed.

`datacoop sync` runs it, and so does `python reference_client.py` where nothing else of ours is installed. A copy begins
with an export of each kind and then follows the change feed. Rows and cursor are one transaction, so a run may be
killed anywhere. Tombstones are acknowledged at the feed's end, when what they name is gone from the files. It must
import nothing of ours, and ask no clock but the monotonic one: a machine's own may be wrong.
"""

from __future__ import annotations

import argparse
import base64
import csv
import email.utils
import http.client
import json
import os
import random
import re
import shutil
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

API = "/api/v1"
IN_STEP, LATER, REFUSED = 0, 1, 2
PAGE, TRIES, PATIENCE = 500, 6, 300
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
#: A cell that begins so is run by some spreadsheet (OWASP, CSV injection): an apostrophe before it ends that.
_RUN = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r\n]")
_PRAGMAS = ("PRAGMA secure_delete = ON", "PRAGMA journal_mode = DELETE", "PRAGMA synchronous = FULL")
_TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE records (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE owed (tombstone TEXT PRIMARY KEY);
COMMIT;
"""


class Refused(Exception):
    """It cannot be done so: one sentence for a person, exit code 2."""


class Later(Exception):
    """Not this time, and nothing is lost: the next run goes on. Exit code 1."""


class CursorRefused(Exception):
    """The server does not know the place in the feed any more, after a restore for instance."""


@dataclass
class Done:
    """What one run did."""

    changed: int = 0
    deleted: int = 0
    acknowledged: int = 0
    records: int = 0
    anew: bool = False


@dataclass
class Page:
    """A page of the feed, and the cursor behind it; without items it is the last, `etag` being its name."""

    items: list[dict[str, Any]]
    cursor: str
    etag: str


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that somebody named, and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Server:
    """The API of one cooperative, asked as the public or as one client; patient with what passes."""

    def __init__(self, base: str, client: str = "", secret: str = "", sleep: Any = time.sleep, quiet: bool = False):
        """Ask nothing yet. Raises: Refused."""
        parts = urlsplit(base)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Refused(f"“{base}” is no address: name it as in https://directory.example.org.")
        if client and parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise Refused("The secret would travel in clear: name the address with https.")
        self.base, self.client, self._quiet = base.rstrip("/"), client, quiet
        self._secret, self._sleep, self._token = secret, sleep, ""
        self._open = urllib.request.build_opener(_NoRedirects).open

    def ask(self, path: str, content: Any = None, etag: str = "") -> tuple[Any, bytes]:
        """Return headers and body of an answer. Raises: Refused, Later, CursorRefused; HTTPError for 304 and 404."""
        found: tuple[Any, bytes] = self._asked(lambda: path, lambda a: (a.headers, a.read()), content, etag)
        return found

    def kinds(self) -> list[str]:
        """Return the plurals of the kinds that can be exported."""
        paths = self._read("/api/openapi.json", "paths")[1]["paths"]
        found = [each[1] for path in paths if (each := re.search(r"/exports/([^/.]+)\.ndjson$", path))]
        if not found:
            raise Refused(f"{self.base} exports nothing: is it the address of a cooperative?")
        return found

    def export(self, kind: str, keep: Callable[[str], None]) -> str:
        """Hand each record of a kind to `keep` and return the cursor from before the first one.

        Asked again after the last record until nothing more comes: a connection that broke is not taken for the end.
        """
        cursors, ids = list[str](), [""]

        def take(answer: Any) -> None:
            cursors.append(answer.headers["Changes-After"])
            for line in answer:
                ids.append(str(json.loads(line)["id"]))
                keep(line.decode().rstrip("\n"))

        before, address = None, f"{API}/exports/{kind}.ndjson"
        while before != ids[-1]:
            before = ids[-1]
            self._asked(lambda: address + (f"?after={ids[-1]}" if ids[-1] else ""), take)
        return cursors[0]

    def changes(self, cursor: str, etag: str = "") -> Page | None:
        """Return the page after a cursor, None if it is still the empty one that is known by `etag`."""
        asked = {"limit": PAGE, **({"after": cursor} if cursor else {})}
        try:
            headers, found = self._read(f"{API}/changes?{urlencode(asked)}", "next", etag)
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.NOT_MODIFIED:
                return None
            raise
        # The cursor alone is taken from `next`: an address in an answer must not lead the token elsewhere.
        after = parse_qs(urlsplit(found["next"]).query).get("after", [""])[0]
        return Page(found["items"], after, headers["ETag"] or "")

    def acknowledge(self, tombstone: str) -> bool:
        """Say that what a tombstone names is erased; return whether the server knew it."""
        try:
            self.ask(f"{API}/acknowledgements", {"tombstone": tombstone, "state": "erased"})
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    def _read(self, path: str, needed: str, etag: str = "") -> tuple[Any, Any]:
        headers, body = self.ask(path, etag=etag)
        try:
            found = json.loads(body)
            return headers, {**found, needed: found[needed]}
        except (ValueError, TypeError, KeyError) as error:
            raise Refused(f"{self.base} does not answer as a cooperative does: is the address right?") from error

    def _asked(self, path: Callable[[], str], use: Callable[[Any], Any], content: Any = None, etag: str = "") -> Any:
        """Return what `use` makes of the answer, asked again, by what `path` says then, while that may help."""
        why, renewed = "", False
        for nth in range(TRIES):
            try:
                with self._open(self._request(path(), content, etag), timeout=60) as answer:
                    return use(answer)
            except urllib.error.HTTPError as error:
                pause, why = self._judged(error, 2.0**nth, renewed), f"answers {error.code}"
                renewed = renewed or error.code == 401
            except (OSError, http.client.HTTPException, ValueError) as error:
                pause, why = 2.0**nth, f"cannot be reached ({getattr(error, 'reason', error)})"
            if nth < TRIES - 1:
                # Clients that were refused at one time must not come back at one time.
                wait = pause * random.uniform(1, 1.3)  # noqa: S311
                if why == "answers 429" and not self._quiet:
                    what = "exports" if "/exports/" in path() else "requests"
                    sys.stderr.write(f"datacoop: {self.base} limits {what}: waiting {wait:.0f} s.\n")
                self._sleep(wait)
        raise Later(f"{self.base} {why}.")

    def _request(self, path: str, content: Any, etag: str) -> urllib.request.Request:
        headers = {"Accept": "*/*", "User-Agent": "datacoop-sync"}
        if self.client:
            self._token = self._token or self._new_token()
            headers["Authorization"] = f"Bearer {self._token}"
        if etag:
            headers["If-None-Match"] = etag
        data = None if content is None else json.dumps(content).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        return urllib.request.Request(self.base + path, data, headers)  # noqa: S310 (http or https, see above)

    def _new_token(self) -> str:
        """Ask for an access token (RFC 6749 section 4.4)."""
        pair = f"{quote_plus(self.client)}:{quote_plus(self._secret)}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        asked = urllib.request.Request(f"{self.base}/oauth/token", b"grant_type=client_credentials", headers)  # noqa: S310
        try:
            with self._open(asked, timeout=60) as answer:
                return str(json.load(answer)["access_token"])
        except urllib.error.HTTPError as error:
            if error.code not in {400, 401}:
                raise
            why = "the secret may be wrong or replaced, or the agreement suspended"
            raise Refused(f"{self.base} does not accept client {self.client} with this secret: {why}.") from error
        except (ValueError, KeyError) as error:
            raise Refused(f"{self.base} gives no access tokens: is the address right?") from error

    def _judged(self, error: urllib.error.HTTPError, pause: float, renewed: bool) -> float:
        """Return how long to wait before asking again. Raises: what is not cured by waiting."""
        if error.code == 401 and not renewed:
            # The token is of an hour ago: once more with a new one.
            self._token = ""
            return 0
        if error.code == 401:
            raise Refused(f"{self.base} refuses its own access token: the agreement may be suspended.") from error
        problem = _problem(error) if error.code in {400, 403} else {}
        if problem.get("parameter") == "after":
            raise CursorRefused from error
        if error.code in {301, 302, 303, 307, 308}:
            raise Refused(f"{self.base} sends on to {error.headers['Location']}: name that address.") from error
        if problem.get("title"):
            raise Refused(f"{self.base} refuses: {problem['title']}.") from error
        if error.code not in BUSY:
            raise error
        wait = _retry_after(error.headers)
        if wait is not None and wait > PATIENCE:
            raise Later(f"{self.base} asks to come back in {wait:.0f} seconds.") from error
        return pause if wait is None else wait


class Copy:
    """The copy in a SQLite file; a CSV one is written anew from such a file beside it (`.state`).

    Values that go are overwritten with zeros (`secure_delete`), and no second file keeps them: no WAL.
    """

    def __init__(self, path: Path) -> None:
        """Open or make it, for this run alone. Raises: Later while another run is at work, Refused."""
        self.path = path
        self._table = path if path.suffix.lower() == ".csv" else None
        file = path.with_name(f"{path.name}.state") if self._table else path
        self._lock = sqlite3.connect(f"{file}.lock", timeout=0, isolation_level=None)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Later(f"Another run is at work on {path}.") from error
        self._db = sqlite3.connect(file, timeout=60, isolation_level=None)
        names = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if names and not {"records", "state", "owed"} <= names:
            raise Refused(f"{file} is another database, not a copy: name another file.")
        for each in _PRAGMAS:
            self._db.execute(each)
        if not names:
            self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let others at it."""
        self._db.close()
        self._lock.close()

    def __getitem__(self, name: str) -> str | None:
        """Return what is noted under a name: cursor, etag, whose, table."""
        row = self._db.execute("SELECT value FROM state WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else None

    def __setitem__(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [name, value])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, whenever the machine stops."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self["table"] = "old"
        self._db.execute("COMMIT")

    def clear(self) -> None:
        """Forget every record; what is owed is still owed."""
        self._db.execute("DELETE FROM records")

    def put(self, body: str) -> None:
        """Keep a record, in place of what was known of it."""
        item = json.loads(body)
        self._db.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", [item["kind"], item["id"], body])

    def apply(self, item: dict[str, Any]) -> None:
        """Do what an item of the feed says."""
        if item["state"] == "deleted":
            self._db.execute("DELETE FROM records WHERE kind = ? AND id = ?", [item["kind"], item["id"]])
        else:
            self.put(json.dumps(item["data"], ensure_ascii=False, separators=(",", ":")))
        self.owe(item)

    def owe(self, item: dict[str, Any]) -> None:
        """Note the tombstone of an item, if it has one."""
        tombstone = item.get("tombstone") or item.get("erase", {}).get("tombstone")
        if tombstone:
            self._db.execute("INSERT OR IGNORE INTO owed VALUES (?)", [tombstone])

    def owed(self) -> list[str]:
        """Return the tombstones that wait to be acknowledged."""
        return [row[0] for row in self._db.execute("SELECT tombstone FROM owed ORDER BY rowid")]

    def settle(self, tombstone: str) -> None:
        """Forget a tombstone that is acknowledged."""
        self._db.execute("DELETE FROM owed WHERE tombstone = ?", [tombstone])

    def bodies(self) -> Iterator[str]:
        """Yield every record, by kind and id."""
        yield from (row[0] for row in self._db.execute("SELECT body FROM records ORDER BY kind, id"))

    def count(self) -> int:
        """Return how many records there are."""
        return int(self._db.execute("SELECT count(*) FROM records").fetchone()[0])

    def publish(self) -> None:
        """Write the CSV if there is one: whole, beside the old one, then in its place."""
        if self._table is None or (self["table"] == "written" and self._table.exists()):
            return
        columns = list(dict.fromkeys(name for body in self.bodies() for name in json.loads(body)))
        new = self._table.with_name(f"{self._table.name}.new")
        with new.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for item in map(json.loads, self.bodies()):
                writer.writerow([_cell(item[name]) if name in item else "" for name in columns])
            file.flush()
            os.fsync(file.fileno())
        if self._table.exists():
            shutil.copymode(self._table, new)
        new.replace(self._table)
        self["table"] = "written"


def sync(server: Server, copy: Copy) -> Done:
    """Bring a copy in step and acknowledge what was erased. Raises: Refused, Later."""
    whose = f"{server.base} {server.client}".strip()
    if (copy["whose"] or whose) != whose:
        raise Refused(f"{copy.path} is the copy of {copy['whose']}: name another file.")
    done = Done()
    if copy["cursor"] is None:
        begin(server, copy, done)
    owed = ["to be seen"]
    while owed:
        # Once more after acknowledging: what was held back from a client that was late comes now.
        follow(server, copy, done)
        copy.publish()
        owed = copy.owed()
        for tombstone in owed:
            done.acknowledged += server.acknowledge(tombstone)
            copy.settle(tombstone)
    done.records = copy.count()
    return done


def begin(server: Server, copy: Copy, done: Done) -> None:
    """Begin, or begin anew: everything there is, as one transaction, so that the old copy serves until then.

    Of an earlier copy tombstones may be open, which only the feed from its beginning tells.
    """
    done.anew = True
    with copy.transaction():
        copy.clear()
        cursors = [server.export(kind, copy.put) for kind in server.kinds()]
        page = server.changes("") if server.client else None
        while page and page.items:
            for item in page.items:
                copy.owe(item)
            page = server.changes(page.cursor)
        copy["cursor"], copy["etag"], copy["whose"] = cursors[0], "", f"{server.base} {server.client}".strip()


def follow(server: Server, copy: Copy, done: Done) -> None:
    """Apply the feed to its end, each page with its cursor; begin anew where the server does not know it any more."""
    while page := _next_page(server, copy, done):
        if not page.items:
            copy["etag"] = page.etag
            return
        with copy.transaction():
            for item in page.items:
                copy.apply(item)
            copy["cursor"], copy["etag"] = page.cursor, ""
        deleted = sum(item["state"] == "deleted" for item in page.items)
        done.deleted += deleted
        done.changed += len(page.items) - deleted


def _next_page(server: Server, copy: Copy, done: Done) -> Page | None:
    try:
        return server.changes(copy["cursor"] or "", copy["etag"] or "")
    except CursorRefused:
        if done.anew:
            raise Refused(f"{server.base} refuses the place in the feed that it just gave.") from None
        begin(server, copy, done)
        return server.changes(copy["cursor"] or "")


def _problem(error: urllib.error.HTTPError) -> dict[str, Any]:
    """Return what a problem document (RFC 9457) says, if it is one."""
    try:
        return dict(json.load(error))
    except (ValueError, TypeError):
        return {}


def _retry_after(headers: Any) -> float | None:
    """Return the seconds to wait (RFC 9110 section 10.2.3); a date is held against that of the answer, not ours."""
    text = headers["Retry-After"] or ""
    if text.isdigit():
        return float(text)
    try:
        until, now = (email.utils.parsedate_to_datetime(each) for each in (text, headers["Date"] or ""))
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds())


def _cell(value: Any) -> str:
    """Return a text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"'{text}" if _RUN.match(text) else text


def _told(done: Done, path: Path) -> str:
    begun = "begun, " if done.anew else ""
    changes = f"{done.changed} changed, {done.deleted} deleted, {done.acknowledged} erasures acknowledged"
    return f"In step: {begun}{changes}; {done.records} records in {path}."


def _arguments(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(program, description="Keep a copy in step with a cooperative.", allow_abbrev=False)
    parser.epilog = "Exit codes: 0 in step; 1 not this time, the next run goes on; 2 refused: somebody has to look."
    parser.add_argument("base", metavar="ADDRESS", help="of the cooperative, as in https://directory.example.org")
    parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="the copy: CSV by .csv, else SQLite")
    parser.add_argument("--client-id", default=os.environ.get("DATACOOP_CLIENT_ID", ""), help="(DATACOOP_CLIENT_ID)")
    parser.add_argument("--secret-file", type=Path, metavar="FILE", help="(or the secret: DATACOOP_CLIENT_SECRET)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")
    parser.add_argument("--quiet", action="store_true", help="say something only if something is wrong")
    return parser


def _secret(file: Path | None) -> str:
    """Return the secret, from a file or the environment, never of an argument: those are seen by everybody."""
    if file is None:
        return os.environ.get("DATACOOP_CLIENT_SECRET", "")
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Refused(f"The secret cannot be read from {file} ({error}).") from error


def _run(given: argparse.Namespace) -> Done:
    secret = _secret(given.secret_file)
    if bool(given.client_id) != bool(secret):
        raise Refused("A client needs an id and a secret: --client-id and --secret-file, or both in the environment.")
    server = Server(given.base, given.client_id, secret, quiet=given.quiet)
    try:
        copy = Copy(given.to)
        try:
            return sync(server, copy)
        finally:
            copy.close()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Later(f"Another program reads or writes {given.to}.") from error
        raise Refused(f"{given.to} cannot be kept: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise Refused(f"{given.to} is no copy, or damaged ({error}): move it away, and the next run begins.") from error
    except urllib.error.HTTPError as error:
        raise Refused(f"{error.url} answers {error.code}: is it the address of a cooperative?") from error
    except OSError as error:
        raise Refused(f"{given.to} cannot be written: {error.strerror}.") from error


def main(arguments: list[str] | None = None, program: str = "datacoop-sync") -> int:
    """Run once, say it in one line, return the exit code."""
    given = _arguments(program).parse_args(arguments)
    try:
        done = _run(given)
    except (Refused, Later) as stop:
        later = " The next run goes on." if isinstance(stop, Later) else ""
        sys.stderr.write(f"datacoop: {stop}{later}\n")
        return LATER if isinstance(stop, Later) else REFUSED
    if not given.quiet:
        sys.stdout.write((json.dumps(asdict(done)) if given.json else _told(done, given.to)) + "\n")
    return IN_STEP


if __name__ == "__main__":
    sys.exit(main())
