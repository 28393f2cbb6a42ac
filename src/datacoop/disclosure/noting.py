"""First deliveries of several requests, written together: whoever holds the writers' lock writes for all who wait.

A request that has something to note joins the others of its process. The first of them waits for the lock; what has
gathered until it has it, is written in one transaction, and nobody goes on before that is durable (decision 0059).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock

from datacoop.disclosure.reading import Reading

#: Audience, key of the view, version.
Noted = tuple[int, int, int]
_NOTE = (
    "INSERT INTO disclosure_delivery (audience_id, key, version, first_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (key, audience_id, version) DO NOTHING"
)


class Overtaken(Exception):
    """A revision was committed between reading and noting: what was read may have been taken back."""


@dataclass(eq=False)
class _Waiting:
    """One request's deliveries, read when `began` was the last revision. Woken when all is done, or it is to lead."""

    rows: Sequence[Noted]
    began: int | None
    woken: Event = field(default_factory=Event)
    is_done: bool = False
    error: BaseException | None = None


class Group:
    """The requests of one process that note something."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._mutex = Lock()
        self._queue: list[_Waiting] = []
        self._is_led = False

    def note(self, reading: Reading, rows: Sequence[Noted]) -> None:
        """Return once these are durable. Raises: Overtaken; any error of the database."""
        waiting = _Waiting(rows, reading.began)
        with self._mutex:
            self._queue.append(waiting)
            leads, self._is_led = not self._is_led, True
        if not leads:
            waiting.woken.wait()
        if not waiting.is_done:
            self._lead(reading, waiting)
        if waiting.error is not None:
            raise waiting.error

    def _lead(self, reading: Reading, own: _Waiting) -> None:
        """Write for everybody who is there once the lock is held; then the next one who waits leads."""
        taken: list[_Waiting] = []
        try:
            with reading.writing() as writer:
                with self._mutex:
                    taken, self._queue = self._queue, []
                _write_all(writer, taken)
        except BaseException as error:
            with self._mutex:
                if own in self._queue:
                    self._queue.remove(own)
            taken = taken or [own]
            for each in taken:
                each.error = error
        finally:
            with self._mutex:
                following = self._queue[0] if self._queue else None
                self._is_led = following is not None
            for each in taken:
                each.is_done = True
                each.woken.set()
            if following is not None:
                following.woken.set()


#: Those of this process.
TOGETHER = Group()


def write(writer: Reading, rows: Sequence[Noted]) -> None:
    """Note deliveries, under the writers' lock."""
    # Under the lock: so these times grow with the rows' numbers, and an hour that is over stays as it is.
    now = moment_for(writer, datetime.now(UTC))
    writer.write(_NOTE, [(*each, now) for each in rows])


def moment_for(writer: Reading, moment: datetime) -> datetime | str:
    """A moment as the database keeps it."""
    return moment if writer.vendor == "postgresql" else moment.replace(tzinfo=None).isoformat(" ")


def _write_all(writer: Reading, taken: Sequence[_Waiting]) -> None:
    """Write what was read before no revision came; the others are told."""
    last = writer.revision()
    for each in taken:
        if each.began != last:
            each.error = Overtaken()
    rows = [row for each in taken if each.error is None for row in each.rows]
    if rows:
        write(writer, rows)
