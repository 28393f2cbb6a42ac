"""The end of a restore: the ledger tells of it, withdrawals are done again, and only then anything may be served.

It runs in a process that began after the keys were put back, on a database that was migrated. Every step may be done
twice: whoever was killed begins here again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from datacoop.accounts.closing import end_everything_open
from datacoop.consent.holding_back import hold_back
from datacoop.consent.replaying import ACTOR, Replayed, replay
from datacoop.disclosure.actions import settle
from datacoop.disclosure.cursors import EPOCH
from datacoop.jobs.actions import hold_mails
from datacoop.ledger.queries import entries, get_tip
from datacoop.lib.files import write_over
from datacoop.pipelines.keeping import unfinished
from datacoop.pipelines.keeping.restoring import swap
from datacoop.pipelines.keeping.unfinished import SWAPPING, Unfinished
from datacoop.records import withdrawals
from datacoop.records.actions.revising import revision
from datacoop.records.endings import end_again, hold_all
from datacoop.rights.actions.objecting import stop_again
from datacoop.rights.actions.sending import stop_all
from datacoop.sources.rereading import read_anew

#: As whom sendings are stopped: any steward may let them go on.
_STEWARD = f"steward:{ACTOR}"


@dataclass(frozen=True)
class Finished:
    """What a restore did after its files were in place; `held_back` records hide personal values.

    `ended` are mandates, clients, links and the like that ended again; `on_hold` those that open nothing until somebody
    confirms; `without_spare_codes` accounts whose spare codes ended;
    `mails_held` and `sendings_stopped` wait until a steward says whether they leave, as they may have left since.
    """

    replayed: Replayed
    held_back: int
    kept: int
    lost_to: int
    ended: int
    on_hold: int
    without_spare_codes: int
    mails_held: int
    sendings_stopped: int


def go_on() -> Unfinished | None:
    """Return the restore that was interrupted, None where there is none, and put into place what it left aside.

    Where its state was SWAPPING, keys may have been replaced: the rest belongs to the next process. Raises: InUse.
    """
    unfinished.be_alone()
    state = unfinished.find()
    if state is not None and state.state == SWAPPING:
        swap(state)
    return state


def finish(state: Unfinished, *, now: datetime) -> Finished:
    """Do the rest, and let the installation be served.

    Raises: consent.replaying.UnknownVerb.
    """
    log = withdrawals.path().read_bytes()
    head = log[: log.find(b"\n") + 1]
    lines = list(withdrawals.lines(head + log[max(state.log_from, len(head)) : state.log_to]))
    _enter(state, now)
    without_spare_codes = end_everything_open()
    mails_held, sendings_stopped = hold_mails(), stop_all(actor=_STEWARD, now=now)
    held = hold_back(now=now) if state.without_withdrawals else 0
    on_hold = hold_all(now=now) if state.without_withdrawals else 0
    ended = end_again(lines, now=now)
    replayed = replay(lines, now=now)
    read_anew(replayed.unsaid)
    stop_again({line.what for line in lines if line.verb == withdrawals.HIDDEN and line.what is not None})
    settle(now)
    # Clients' places in the feed are from a time that is no more: they begin anew (`disclosure.cursors`).
    write_over(Path(settings.DATACOOP_DATA_DIR) / EPOCH, state.id.encode())
    withdrawals.copy_now()
    unfinished.done()
    return Finished(
        replayed, held, state.kept, state.lost_to, ended, on_hold, without_spare_codes, mails_held, sendings_stopped
    )


def _enter(state: Unfinished, now: datetime) -> None:
    """Tell the ledger, first of all: the chain goes on from where the backup ended, and says so."""
    tip = get_tip().number
    since = entries(range(state.kept + 1, tip + 1)).values()
    if any(each.kind == "ledger.restored" and each.payload.get("restore") == state.id for each in since):
        return
    told: dict[str, Any] = {
        "restore": state.id,
        "backup_at": state.backup_at,
        "kept": state.kept,
        "withdrawals": "held back" if state.without_withdrawals else "replayed",
    }
    if state.lost_to > state.kept:
        told |= {"lost_from": state.kept + 1, "lost_to": state.lost_to}
    if state.checkpoint_size:
        told |= {"checkpoint_size": state.checkpoint_size, "checkpoint_root": state.checkpoint_root}
    with revision(actor=ACTOR, now=now, why="restore") as draft:
        draft.enter("ledger.restored", **told)
