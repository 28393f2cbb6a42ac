"""`datacoop holders key …`: the key with which a holder's own program sends lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from datacoop.accounts.holding import end_key, give_key
from datacoop.cli.answers import Refused, answer, json_option
from datacoop.cli.options import overlap_option
from datacoop.sources.owning import find_holder_named


@click.command("key")
@click.argument("holder")
@click.option("--end", is_flag=True, help="End its key and every token of it at once.")
@overlap_option("For so many days the key before opens too; 0 ends it, and all tokens, at once: it leaked.")
@json_option
def key_of_holder(holder: str, end: bool, overlap: int, as_json: bool) -> None:
    """Give HOLDER a key to send lists with (POST /api/v1/contributions), and print it, once."""
    now, uid = datetime.now(UTC), _uid_of(holder)
    if end:
        if not end_key(holder=uid, now=now):
            raise Refused(f"“{holder}” has no key.")
        answer({"holder": holder, "ended": True}, words="Its key opens nothing any more.", as_json=as_json)
        return
    client_id, secret = give_key(holder=uid, now=now, overlap=timedelta(days=overlap))
    content = {"holder": holder, "client_id": client_id, "client_secret": secret}
    answer(content, words=f"client_id {client_id}\nclient_secret {secret}", as_json=as_json)


def _uid_of(holder: str) -> UUID:
    found = find_holder_named(holder)
    if found is None:
        raise Refused(f"No holder “{holder}” is known: see `datacoop holders list`.")
    return found.uid
