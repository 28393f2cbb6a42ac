"""Who did something, forgotten with whom is erased: what they did stays, that one and the same did it does not.

A link is found by what it did to whom it was for, an account by its number. Stewards and holders are named on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.apps import apps
from django.db.models import CharField, Model, Q, TextField

from datacoop.lib.sql import in_parts, placeholders, select
from datacoop.records.models import Revision

#: What is left of an actor: how they came.
LINK, ACCOUNT = "link", "account"


def forget_links_in_revisions(record_ids: Collection[int]) -> None:
    """Forget which link it was that changed something of these records; before their traces go, in the revision."""
    for part in in_parts(sorted(record_ids)):
        found = select(f"SELECT DISTINCT revision FROM records_trace WHERE record_id IN ({placeholders(part)})", part)
        numbers = [number for (number,) in found if number is not None]
        for some in in_parts(sorted(numbers)):
            Revision.objects.filter(number__in=some, actor__startswith=f"{LINK}:").update(actor=LINK)


def forget_accounts(numbers: Collection[int]) -> None:
    """Forget which account it was, whatever it did: as a representative it did it to what is not its own.

    In every table of every room: columns that say who did something are called `actor` or `…_by`, and so found by
    their name. Those of text hold several, parted by blanks. In the ledger numbers stay: they lead to nobody.
    """
    for part in in_parts(sorted(numbers)):
        names = [f"{ACCOUNT}:{number}" for number in part]
        for model, column in _columns_of_actors():
            rows = model._default_manager.filter(**{f"{column.name}__in": names})
            rows.update(**{column.name: ACCOUNT})
            if isinstance(column, TextField):
                _forget_among_others(model, column.name, names)


def _columns_of_actors() -> Iterator[tuple[type[Model], CharField[str, str] | TextField[str, str]]]:
    for model in apps.get_models():
        for column in model._meta.concrete_fields if model.__module__.startswith("datacoop.") else ():
            is_named = column.name == "actor" or column.name.endswith("_by")
            if is_named and isinstance(column, CharField | TextField):
                yield model, column


def _forget_among_others(model: type[Model], column: str, names: Collection[str]) -> None:
    held = Q()
    for name in names:
        held |= Q(**{f"{column}__contains": name})
    for row in model._default_manager.filter(held):
        said = {ACCOUNT if each in names else each for each in str(getattr(row, column)).split()}
        model._default_manager.filter(pk=row.pk).update(**{column: " ".join(sorted(said))})


def forgotten_actor(actor: str, accounts: Collection[int]) -> str:
    """Return how the revision that erases calls who asked for it: by number only where that leads to somebody still."""
    how, _, number = actor.partition(":")
    is_gone = how == LINK or (how == ACCOUNT and number.isdigit() and int(number) in accounts)
    return how if is_gone else actor
